"""The candidates of a search, and how often the index and the vectors are asked for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from search.engines.base import Search
from search.engines.memory import MemoryBackend
from search.engines.results import EngineResult, Request
from search.language.meaning import free_words
from search.language.parser import parse_query
from search.language.query import Node, Or, Term
from search.neural.vector_search import VectorSearch
from search.ranking.candidates import CandidateSearch
from search.ranking.pipeline import rank
from search.ranking.pools import PoolSearch
from search.ranking.relaxing import MAX_WORDS
from search.ranking.stages import Stages
from tests.search.make import make_document
from tests.search.meanings import make_engine, make_library, make_retriever, make_stages


class AskedEngine(MemoryBackend):
    """Counts the round trips that an engine on a server would make for searches."""

    n_asked = 0

    def search(self, root: Node, request: Request) -> EngineResult:
        self.n_asked += 1
        return super().search(root, request)

    def search_many(self, searches: Sequence[Search]) -> list[EngineResult]:
        self.n_asked += bool(searches)
        return [super(AskedEngine, self).search(*search) for search in searches]


def any_word(engine: MemoryBackend, stages: Stages, words: str) -> Node:
    return CandidateSearch(engine, Term(words), words, stages).any_word()


def test_a_repeated_word_counts_twice(engine: MemoryBackend, stages: Stages) -> None:
    assert any_word(engine, stages, "car") == Term("car")
    assert any_word(engine, stages, "car car oak") == Or((Term("car"), Term("car"), Term("oak")))


def test_any_word_keeps_the_rarest(engine: MemoryBackend, stages: Stages) -> None:
    many = any_word(engine, stages, " ".join(["car", "oak", *(f"unknown{number}" for number in range(500))]))
    assert isinstance(many, Or)
    assert {Term("car", "title"), Term("oak", "abstract")} <= set(many.children)
    assert len(many.children) <= 2 * MAX_WORDS


@pytest.mark.parametrize(
    ("text", "n_asked"),
    [("car", 4), ("car OR graph", 3), ("car graph", 4), ("car graph year:1990-2100", 4), ("XR-3872 automobile", 4)],
)
def test_a_page_asks_the_index_and_the_vectors_a_few_times(
    tmp_path: Path, stages: Stages, monkeypatch: pytest.MonkeyPatch, text: str, n_asked: int
) -> None:
    """The matches; names, and some of the words; what the words say of all candidates; the facets."""
    documents = [*make_library(), make_document("n:1", title="An automobile called XR-3872")]
    engine = AskedEngine()
    engine.rebuild(documents, revision=1)
    vectors: list[str] = []
    for name in ("retrieve", "retrieve_among", "similarities", "neighbours"):
        plain = getattr(VectorSearch, name)

        def counted(*args: Any, name: str = name, plain: Any = plain, **options: Any) -> Any:
            vectors.append(name)
            return plain(*args, **options)

        monkeypatch.setattr(VectorSearch, name, counted)
    root = parse_query(text).root
    ranked = rank(PoolSearch(engine, root, free_words(root), stages), Request(facets=("year",)), mode="hybrid")
    assert (ranked.mode, ranked.notes) == ("hybrid", ())
    assert ranked.result.hits
    assert engine.n_asked == n_asked
    assert vectors == ["retrieve_among", "similarities"]


@pytest.mark.parametrize("text", ["car", "car graph", "car graph cat:cs.CL", "car OR graph", "XR-3872 automobile"])
def test_what_was_searched_already_changes_no_candidate(tmp_path: Path, settings: Any, text: str) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    documents = [*make_library(), make_document("n:1", title="An automobile called XR-3872")]
    engine, stages = make_engine(documents), make_stages(documents, make_retriever(tmp_path, documents))
    root = parse_query(text).root
    known = {root: engine.search(root, Request(top_k=200)).ranking()}
    plain = CandidateSearch(engine, root, free_words(root), stages).gather()
    assert plain.keys
    assert CandidateSearch(engine, root, free_words(root), stages, known).gather() == plain


@pytest.mark.parametrize("text", ["car graph", "automobile", "car graph cat:cs.CL"])
def test_a_candidate_has_its_score_by_any_word(engine: MemoryBackend, stages: Stages, text: str) -> None:
    """Also a paper that is a candidate for its meaning only, or for one of the words."""
    root = parse_query(text).root
    search = CandidateSearch(engine, root, free_words(root), stages)
    gathered = search.gather()
    scores = dict(engine.search(search.any_word(), Request(top_k=100)).ranking())
    assert dict(gathered.rankings["bm25"]) == pytest.approx(
        {key: scores[key] for key in gathered.keys if key in scores}
    )
    matches = {hit.key for hit in engine.search(root, Request(top_k=100)).hits}
    assert gathered.extras == set(gathered.keys) - matches


def test_of_a_long_text_only_papers_with_some_of_its_words_are_candidates(
    engine: MemoryBackend, stages: Stages
) -> None:
    """Its rarest words are searched in titles and abstracts, which is a condition."""
    text = " ".join(["car", "oak", *(f"unknown{number}" for number in range(MAX_WORDS))])
    any_word = CandidateSearch(engine, Term(text), text, stages).any_word()
    search = CandidateSearch(engine, any_word, text, stages)
    matches = {hit.key for hit in engine.search(any_word, Request(top_k=100)).hits}
    assert set(search.gather().keys) == matches
    assert "p:01" not in matches  # an automobile: similar, without a word of the text
