"""The share of a query's words that papers contain."""

from __future__ import annotations

import math

import pytest

from search.engines.base import SearchBackend
from search.engines.memory import MemoryBackend
from search.ranking.coverage import cover
from search.ranking.relaxing import MAX_WORDS
from tests.search.make import make_document
from tests.search.meanings import make_engine

DOCUMENTS = [
    make_document("p:all", title="Graph networks", abstract="For molecules."),
    make_document("p:often", title="Graph graph graph", abstract="A graph of graphs, and the graph again."),
    make_document("p:author", title="Trees", authors=["Graph Networks"]),
    make_document("p:stem", title="A network", abstract="Nothing else."),
]
KEYS = [document["key"] for document in DOCUMENTS]


@pytest.fixture
def engine() -> SearchBackend:
    return make_engine(DOCUMENTS)


def idf(n_papers: int) -> float:
    return math.log(1 + (4 - n_papers + 0.5) / (n_papers + 0.5))


def test_coverage_is_the_share_of_words_weighted_by_idf(engine: SearchBackend) -> None:
    shares = dict(cover(engine, "graph networks for molecules", KEYS))
    assert shares["p:all"] == pytest.approx(1.0)
    assert shares["p:stem"] == pytest.approx(idf(2) / (idf(2) + idf(2) + idf(1)))  # graph, network, molecule in titles
    assert "p:author" not in shares


def test_repetitions_do_not_change_coverage(engine: SearchBackend) -> None:
    shares = dict(cover(engine, "graph networks", KEYS))
    assert shares["p:often"] < shares["p:all"] == pytest.approx(1.0)
    assert dict(cover(engine, "graph graph networks graph", KEYS)) == pytest.approx(shares)


def test_words_that_no_paper_has_and_stop_words_do_not_count(engine: SearchBackend) -> None:
    assert dict(cover(engine, "the graph networks of unheard", KEYS)) == pytest.approx(
        dict(cover(engine, "graph networks", KEYS))
    )
    assert cover(engine, "unheard of", KEYS) == []
    assert cover(engine, " … ", KEYS) == []
    assert cover(engine, "graph", []) == []


def test_coverage_reads_only_the_candidates(engine: SearchBackend) -> None:
    assert [key for key, _share in cover(engine, "graph networks", ["p:stem", "p:author"])] == ["p:stem"]


def test_of_a_long_text_the_rarest_words_count() -> None:
    common = " ".join(f"common{number}" for number in range(MAX_WORDS))
    engine = MemoryBackend()
    engine.rebuild(
        [make_document("p:0", title=common), make_document("p:1", title=f"{common} rare")],
        revision=1,
    )
    shares = dict(cover(engine, f"{common} rare", ["p:0", "p:1"]))
    assert shares["p:1"] == pytest.approx(1.0)
    assert 0 < shares["p:0"] < 1
