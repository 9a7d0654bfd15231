from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coolpapers.feeding.tasks import harvest_due_sources
from coolpapers.finding.questions import Question
from coolpapers.finding.services import search_papers
from tests.coolpapers.feeding.runs import body, make_source
from tests.coolpapers.finding.conftest import index_papers, own_index
from tests.coolpapers.papers.make import DATA
from tests.local_servers import serve

__all__ = ["index_papers", "own_index"]
RSS = (DATA / "feed" / "arxiv.rss").read_bytes()


@pytest.mark.django_db
def test_new_papers_are_found_when_the_task_has_ended(index_papers: Callable[[], None], settings: Any) -> None:
    index_papers()
    with serve(body(RSS)) as server:
        make_source("feed", address=server.url, hour=0)
        assert harvest_due_sources() == 1
        assert search_papers(Question("citations graphs")).total == 1
        assert harvest_due_sources() == 0
    assert len(server.asked) == 1
