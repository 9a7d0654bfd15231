"""Papers in the database and an index of them, for tests that drive a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coolpapers.finding.indexing.index import rebuild_index
from search.engines.registry import search_backend
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper

ABSTRACT = (
    "We study graphs with $n$ vertices. Our method reads the graph once and keeps a sketch of its paths. "
    "Experiments on {n} graphs show that the sketch of number{n} suffices. We conclude that reading twice is waste."
)


def index_in(settings: Any, folder: Path) -> None:
    """Build the site's index from the database."""
    options = {"path": folder / "index"}
    settings.SEARCH_BACKENDS = {"tantivy": {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": options}}
    settings.SEARCH_BACKEND = "tantivy"
    rebuild_index(search_backend())


def fill_library(n_monday: int, n_tuesday: int = 0) -> None:
    """Create papers of two days; sorted by title, ``Graph 000`` first."""
    for day, count in ((MONDAY, n_monday), (TUESDAY, n_tuesday)):
        for number in range(count):
            make_paper(title=f"Graph {number:03}", day=day, abstract=ABSTRACT.replace("{n}", str(number)))
