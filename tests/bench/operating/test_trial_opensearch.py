from __future__ import annotations

import pytest

from bench.operating.trial_opensearch import run_trial
from tests.opensearch_server import needs_opensearch

pytestmark = [*needs_opensearch, pytest.mark.timeout(1200)]


def test_the_loss_of_the_manager_loses_no_search_and_no_paper() -> None:
    figures = run_trial(400, down_s=2.0, n_kills=1)
    assert (figures["failed_searches"], figures["failed_writes"], figures["lost_papers"]) == (0, 0, 0), figures
    assert figures["searches"] > 10
    assert figures["acknowledged_papers"] > 0
    assert figures["rebuild_complete"]
