"""Papers similar to a text or a paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.neural.vector_search import VectorSearch
from tests.search.concepts import ConceptRetriever
from tests.search.meanings import make_library, make_retriever

PATIENT_S = 20.0


@pytest.fixture
def retriever(tmp_path: Path) -> ConceptRetriever:
    return make_retriever(tmp_path / "vectors", make_library())


def test_nearest_first_and_never_below_the_least_similarity(retriever: ConceptRetriever) -> None:
    ranking = VectorSearch(retriever).retrieve("vehicle", depth=100)
    scores = [score for _, score in ranking]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= retriever.min_similarity
    assert {"p:04", "p:07"}.isdisjoint(key for key, _ in ranking)
    assert len(VectorSearch(retriever).retrieve("vehicle", depth=3)) == 3


def test_queries_have_a_minimum_similarity_of_their_own(tmp_path: Path) -> None:
    make_retriever(tmp_path / "vectors", make_library())
    strict = ConceptRetriever(path=tmp_path / "vectors", min_query_similarity=0.99)
    plain = ConceptRetriever(path=tmp_path / "vectors")
    assert len(VectorSearch(strict, PATIENT_S).retrieve("vehicle", depth=100)) < len(
        VectorSearch(plain, PATIENT_S).retrieve("vehicle", depth=100)
    )
    neighbours = VectorSearch(strict, PATIENT_S).neighbours("p:00", "", depth=5)
    assert neighbours == VectorSearch(plain, PATIENT_S).neighbours("p:00", "", depth=5)
    assert min(score for _, score in neighbours) < 0.99


def test_similarities_are_the_cosines_of_those_that_have_a_vector(retriever: ConceptRetriever) -> None:
    cosines = VectorSearch(retriever).similarities("car", ["p:00", "p:07", "unknown"])
    assert set(cosines) == {"p:00", "p:07"}
    assert cosines["p:00"] > 0.9 > 0.3 > cosines["p:07"]
    assert VectorSearch(retriever).similarities("car", ["unknown"]) == {}


def test_similarities_move_toward_feedback_papers(retriever: ConceptRetriever) -> None:
    plain = VectorSearch(retriever).similarities("car", ["p:00", "p:07"])
    moved = VectorSearch(retriever).similarities("car", ["p:00", "p:07"], toward=["p:07"], share=0.5)
    _keys, (oak, cat) = retriever.vectors_of(["p:00", "p:07"])
    assert moved["p:07"] == pytest.approx(plain["p:07"] + 0.5, abs=1e-3)
    assert moved["p:00"] == pytest.approx(plain["p:00"] + 0.5 * float(oak @ cat), abs=1e-5)
    assert VectorSearch(retriever).similarities("car", ["p:00", "p:07"], toward=["unknown"], share=0.5) == plain


def test_neighbours_leave_the_paper_itself_out(retriever: ConceptRetriever) -> None:
    neighbours = [key for key, _ in VectorSearch(retriever).neighbours("p:00", "ignored: it has a vector", depth=5)]
    assert "p:00" not in neighbours
    assert len(neighbours) == 5


def test_neighbours_of_a_paper_without_vector_come_from_its_text(retriever: ConceptRetriever) -> None:
    assert {key for key, _ in VectorSearch(retriever).neighbours("new", "feline feline", depth=9)} == {"p:07", "p:09"}
