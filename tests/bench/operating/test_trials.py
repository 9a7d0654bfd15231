"""The guides, followed with small libraries: real services, real servers of this machine.

``python -m bench.operating.trial_one_machine`` and ``trial_two_nodes`` do the same with 20,000 papers and ten readers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.operating import trial_one_machine, trial_two_nodes
from bench.operating.parts.servers import ServerMissing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.servers,
    pytest.mark.timeout(1_800),
]


# nginx leaves a machine that has failed alone for five seconds (fail_timeout of the guide). If the other one is killed
# meanwhile, two parts are away at once.
SETTLE_S = 6.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's, which the user of PostgreSQL may not enter."""
    with tempfile.TemporaryDirectory(prefix="coolpapers-trial-") as name:
        yield Path(name)


def test_a_site_made_by_the_guide_is_lost_and_restored(folder: Path) -> None:
    try:
        report = trial_one_machine.run(folder, n_papers=60, n_queries=25, mode="bm25")
    except ServerMissing as missing:
        pytest.skip(f"{missing} is not installed")
    assert report["queries_with_hits"] == report["queries"] == report["same_hits"] == 25
    assert report["mails"] == 1
    assert not [line for line in report["doctor"] if line.startswith("broken")]


def test_readers_of_two_machines_notice_no_loss_of_a_part(folder: Path) -> None:
    try:
        report = trial_two_nodes.run(folder, n_papers=60, n_readers=4, settle_s=SETTLE_S, is_indexed_first=False)
    except ServerMissing as missing:
        pytest.skip(f"{missing} is not installed")
    assert report["session_is_shared"]
    assert {name: part["failed"] for name, part in report["killed"].items()} == dict.fromkeys(report["killed"], 0)
