"""A small library with its index, as programs find it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from coolpapers.papers.models import Paper, PaperVersion
from search.neural.dense import retrievers
from tests.coolpapers.finding.conftest import index_papers, own_index
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper, make_venue_paper

__all__ = ["index_papers", "own_index"]


@pytest.fixture
def server_url(live_server: Any) -> Iterator[str]:
    """The address of the site on a real port. Its threads end before the test does, as they share its database."""
    yield live_server.url
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(5)


@pytest.fixture
def library(index_papers: Callable[[], None], settings: Any) -> list[Paper]:
    """Four papers of three days and one of a venue, indexed; no limit on requests."""
    settings.API_RATE = settings.API_TOKEN_RATE = 0
    papers = [
        make_paper(arxiv_id="2603.00001", title="Graph neural networks", day=MONDAY, categories=["cs.LG", "cs.CL"]),
        make_paper(arxiv_id="2603.00002", title="Attention for $x<y$ graphs", day=TUESDAY, doi="10.1000/abc"),
        make_paper(arxiv_id="hep-th/9901001", title="Strings & branes", day=TUESDAY, categories=["hep-th"]),
        make_paper(arxiv_id="2603.00004", title="Trees of graphs", day=WEDNESDAY, updated=WEDNESDAY + timedelta(9)),
        make_venue_paper("abcDEF123", title="Pruning trees", announced=MONDAY, track="Oral"),
    ]
    for number in (1, 2):
        PaperVersion.objects.create(paper=papers[3], number=number, date=WEDNESDAY + timedelta(9 * (number - 1)))
    index_papers()
    return papers


@pytest.fixture
def named_library(index_papers: Callable[[], None], settings: Any, tmp_path: Path) -> list[Paper]:
    """Five papers, indexed and embedded; one of them contains C4.5, and one C4 and another 5."""
    settings.API_RATE = settings.API_TOKEN_RATE = 0
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    titles = ("A car of C4.5", "A car wash", "5 cars of C4", "An automobile", "Felines")
    papers = [
        make_paper(arxiv_id=f"2603.0000{number}", title=title, abstract="", day=MONDAY)
        for number, title in enumerate(titles, start=1)
    ]
    index_papers()
    call_command("embed_papers", verbosity=0)
    retrievers["default"].encoder(wait_s=20.0)
    return papers
