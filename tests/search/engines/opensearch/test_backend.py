from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.engines.base import SearchBackend
from search.engines.bm25 import byte_length
from search.engines.memory import MemoryBackend
from search.engines.opensearch import OpenSearchBackend
from search.engines.results import Request
from search.language.query import Everything, Term
from tests.opensearch_server import Node, needs_opensearch
from tests.search.engines.contract.answers import order_of
from tests.search.engines.contract.contract import BackendContract
from tests.search.engines.opensearch.conftest import MakeBackend
from tests.search.make import make_document, titled
from tests.search.papers import PAPERS

pytestmark = needs_opensearch


@pytest.fixture(scope="module")
def papers(server: Node) -> Iterator[SearchBackend]:
    engine = OpenSearchBackend(urls=[server.url], index="papers", timeout_s=60.0)
    engine.rebuild(PAPERS, revision=1)
    yield engine
    engine.client.close()


class TestOpenSearchBackend(BackendContract):
    url = ""

    @pytest.fixture(autouse=True)
    def _server(self, server: Node) -> None:
        type(self).url = server.url

    def make_backend(self, folder: Path) -> SearchBackend:
        alias = f"contract-{zlib.crc32(str(folder).encode()):08x}"
        return OpenSearchBackend(urls=[self.url], index=alias, timeout_s=60.0)

    def make_oracle(self) -> MemoryBackend:
        return MemoryBackend(stored_length=byte_length)

    @pytest.fixture
    def library(self, papers: SearchBackend) -> SearchBackend:
        """The tests that use it only read, and a new index takes half a second."""
        return papers


def test_several_shards_score_as_one(make_backend: MakeBackend) -> None:
    one, many = make_backend(index="one-shard", shards=1), make_backend(index="many-shards", shards=4)
    for engine in (one, many):
        engine.rebuild(PAPERS, revision=1)
    for root in (Term("graph"), Term("networks"), Everything()):
        pages = [engine.search(root, Request(top_k=100, facets=("category", "year"))) for engine in (one, many)]
        assert order_of(pages[0]) == order_of(pages[1])
        assert [hit.score for hit in pages[0].hits] == pytest.approx([hit.score for hit in pages[1].hits], rel=1e-5)
        assert (pages[0].total, pages[0].facets) == (pages[1].total, pages[1].facets)


def test_another_process_sees_an_update_and_a_rebuild(make_backend: MakeBackend) -> None:
    backend, reader = make_backend(), make_backend()
    backend.rebuild(titled("Graphs"), revision=1, origin="1:abc")
    assert (reader.search(Everything(), Request()).total, reader.origin()) == (1, "1:abc")
    backend.update([make_document("p:9")], revision=2, origin="2:def")
    assert reader.search(Everything(), Request()).total == 2
    backend.rebuild(titled("Graphs", "Graphs", "Graphs"), revision=3)
    assert reader.search(Everything(), Request()).total == 3
    assert reader.indices.newest_state().revision == 3


def test_completions_are_limited_by_the_server(make_backend: MakeBackend) -> None:
    backend = make_backend()
    backend.rebuild(titled(*(f"Graph{n % 30:02}" for n in range(90)), "Graph00"), revision=1)
    assert backend.complete("graph", limit=3) == ["graph00", "graph01", "graph02"]
    assert len(backend.words("title_exact", "")) == 30


def test_keys_that_are_too_long_for_the_server_are_kept_apart(make_backend: MakeBackend) -> None:
    backend = make_backend()
    keys = {f"p:{'x' * 600}{n}" for n in range(3)}
    backend.rebuild([make_document(key, title="Graphs") for key in sorted(keys)], revision=1)
    assert backend.keys() == keys
    backend.update([], removed=[min(keys)], revision=2)
    assert backend.keys() == keys - {min(keys)}
