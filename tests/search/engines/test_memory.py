from __future__ import annotations

from pathlib import Path

from search.engines.base import SearchBackend
from search.engines.bm25 import byte_length
from search.engines.memory import MemoryBackend
from search.engines.results import Request
from search.language.query import Term
from tests.search.engines.contract.contract import BackendContract
from tests.search.make import titled


class TestMemoryBackend(BackendContract):
    def make_backend(self, folder: Path) -> SearchBackend:
        return MemoryBackend()


def test_past_the_time_limit_the_result_is_partial() -> None:
    backend = MemoryBackend(time_limit_s=-1)
    backend.rebuild(titled("Graphs"), revision=1)
    assert backend.search(Term("graphs"), Request()).is_partial


def test_one_byte_lengths_change_scores_of_long_fields_only() -> None:
    exact, rounded = MemoryBackend(), MemoryBackend(stored_length=byte_length)
    papers = titled("Graphs " + "of the world " * 3, "Graphs " + "of the world " * 30)
    for backend in (exact, rounded):
        backend.rebuild(papers, revision=1)
    scores = [{hit.key: hit.score for hit in b.search(Term("graphs"), Request()).hits} for b in (exact, rounded)]
    assert scores[0]["p:0"] == scores[1]["p:0"]
    assert scores[0]["p:1"] != scores[1]["p:1"]
