"""Related papers by shared words and by meaning, each with its signals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coolpapers.finding.catalogue import work_keys
from search.base.aliases import Ranking
from search.engines.documents import Document
from search.engines.memory import MemoryBackend
from search.errors import StageUnavailable
from search.language.query import Exact, Range
from search.neural.rerankers import Reranker
from search.neural.vector_search import VectorSearch
from search.ranking import stages
from search.ranking.related import Counts, RelatedPage, RelatedRequest, Subject, fold_copies, related_papers
from search.ranking.stages import Stages
from tests.coolpapers.papers.library import make_paper
from tests.search.concepts import ConceptRetriever
from tests.search.make import make_document
from tests.search.meanings import BackwardsReranker, make_engine, make_library, make_retriever

pytestmark = pytest.mark.django_db  # copies that were never joined are looked up

PATIENT_S = 20.0
SUBJECT = Subject("p:00", "A car on the road", "")


@pytest.fixture(autouse=True)
def _settings(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    monkeypatch.setattr(stages, "_down", {})


@pytest.fixture
def documents() -> list[Document]:
    return [*make_library(), make_document("p:road", title="Road works, road tolls", abstract="On every road.")]


@pytest.fixture
def engine(documents: list[Document]) -> MemoryBackend:
    return make_engine(documents)


@pytest.fixture
def dense(documents: list[Document], tmp_path: Path) -> ConceptRetriever:
    return make_retriever(tmp_path / "vectors", documents)


def ask(
    engine: MemoryBackend,
    dense: ConceptRetriever,
    subject: Subject = SUBJECT,
    reranker: Reranker | None = None,
    count_stars: Counts | None = None,
    **options: Any,
) -> RelatedPage:
    stages_of = Stages(
        dense, reranker or BackwardsReranker(), lambda keys: dict.fromkeys(keys, ""), wait_s=PATIENT_S, works=work_keys
    )
    counts = {"count_stars": count_stars} if count_stars else {}
    return related_papers(subject, RelatedRequest(**options), engine=engine, stages=stages_of, **counts)


def keys(page: RelatedPage) -> list[str]:
    return [hit.key for hit in page.hits]


def test_hits_name_both_signals(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    hits = {hit.key: hit for hit in ask(engine, dense).hits}
    assert hits["p:02"].signals == ("words", "meaning")
    assert hits["p:08"].signals == ("meaning",)  # automobile
    assert hits["p:road"].signals == ("words",)
    assert hits["p:02"].shared == ("car",)
    assert hits["p:road"].shared == ("road",)
    assert hits["p:08"].shared == ()
    assert hits["p:08"].bm25_score is None
    assert hits["p:08"].similarity is not None
    assert hits["p:08"].ranks == {"meaning": 3}


def test_the_paper_and_its_copies_are_excluded(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    assert "p:00" not in keys(ask(engine, dense))
    copied = Subject("p:00", "A car on the road", "", frozenset({"p:00", "p:02"}))
    assert {"p:00", "p:02"}.isdisjoint(keys(ask(engine, dense, copied)))


def test_conditions_hold_for_both_signals(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    related = keys(ask(engine, dense, conditions=(Exact("category", "cs.CL"),)))
    assert related
    assert all(int(key[2:]) % 2 for key in related)
    days = (Range("date", None, None), Exact("category", "hep-th"))
    assert keys(ask(engine, dense, conditions=days)) == []


def test_sorting_by_date_is_over_all_related_papers(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    by_similarity = ask(engine, dense)
    newest, oldest = (keys(ask(engine, dense, sort=sort)) for sort in ("newest", "oldest"))
    assert sorted(newest) == sorted(keys(by_similarity))
    dated = [key for key in newest if key != "p:road"]
    assert dated == sorted(dated, reverse=True)
    assert newest == oldest[::-1]


def test_pages_follow_each_other(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    whole = ask(engine, dense)
    pages = [key for start in range(0, whole.total + 3, 3) for key in keys(ask(engine, dense, start=start, top_k=3))]
    assert pages == keys(whole)
    assert whole.total == len(pages) == len(set(pages))


def test_modes_choose_the_signals(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    by_mode = {mode: ask(engine, dense, mode=mode) for mode in ("bm25", "dense", "hybrid", "rerank")}
    assert {signal for hit in by_mode["bm25"].hits for signal in hit.signals} == {"words"}
    assert {signal for hit in by_mode["dense"].hits for signal in hit.signals} == {"meaning"}
    assert set(keys(by_mode["hybrid"])) == set(keys(by_mode["bm25"])) | set(keys(by_mode["dense"]))
    assert by_mode["rerank"] == by_mode["hybrid"]  # the reranker would reverse it


def test_a_new_paper_without_vector_is_embedded_on_demand(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    page = ask(engine, dense, Subject("new", "Feline", ""))
    (note,) = page.notes
    assert "no embedding yet" in note
    assert {"p:07", "p:09"} <= set(keys(page))


def test_sorting_by_stars_is_over_all_related_papers(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    by_similarity = keys(ask(engine, dense))
    counts = {by_similarity[-1]: 2, by_similarity[4]: 5, "p:00": 9}
    by_stars = keys(
        ask(engine, dense, sort="stars", count_stars=lambda paper_keys: {k: counts.get(k, 0) for k in paper_keys})
    )
    unstarred = [key for key in by_similarity if key not in counts]
    assert by_stars == [by_similarity[4], by_similarity[-1], *unstarred]


def test_facets_count_all_related_papers(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    page = ask(engine, dense, top_k=1, facets=("category",))
    parities = {int(key[2:]) % 2 for key in keys(ask(engine, dense)) if key != "p:road"}
    assert {count.value for count in page.facets["category"]} == {("math.CO", "cs.CL")[parity] for parity in parities}
    assert sum(count.n_documents for count in page.facets["category"]) == page.total - 1  # the road has no category
    assert ask(engine, dense).facets == {}


class AlikeReranker(BackwardsReranker):
    """A reranker that has neighbours, as one with anchors has."""

    is_configured = True

    def neighbours(self, key: str, vectors: VectorSearch, *, depth: int) -> Ranking:
        if key == "p:00":
            return [("p:04", 0.9), ("p:00", 0.8), ("p:05", 0.1)][:depth]
        raise StageUnavailable("anchors are of another model")


def test_anchors_find_papers_and_are_named_as_a_signal(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    hits = {hit.key: hit for hit in ask(engine, dense, reranker=AlikeReranker()).hits}
    assert hits["p:04"].signals == ("anchors",)
    assert hits["p:05"].signals == ("words", "meaning", "anchors")
    assert hits["p:05"].ranks["anchors"] == 2
    filtered = ask(engine, dense, reranker=AlikeReranker(), conditions=(Exact("category", "cs.CL"),))
    assert "p:04" not in keys(filtered)


def test_the_setting_chooses_signals(engine: MemoryBackend, dense: ConceptRetriever, settings: Any) -> None:
    settings.SEARCH_MODE = "hybrid"
    hybrid = keys(ask(engine, dense))
    settings.SEARCH_MODE = "rerank"
    assert keys(ask(engine, dense)) == hybrid
    settings.SEARCH_MODE = "bm25"
    assert {hit.signals for hit in ask(engine, dense).hits} == {("words",)}


def test_broken_anchors_only_remove_their_signal(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    page = ask(engine, dense, Subject("p:01", "An automobile engine", ""), reranker=AlikeReranker())
    assert page.hits
    assert page.notes == ()


def test_of_copies_only_the_best_is_returned() -> None:
    first = make_paper(match_key="cars|benz")
    second = make_paper(match_key="cars|benz")
    other = make_paper(match_key="")
    another = make_paper(match_key="")
    ranking = [(other.key, 4.0), (second.key, 3.0), (first.key, 2.0), (another.key, 1.0), ("gone", 0.5)]
    assert fold_copies(ranking, work_keys) == [ranking[0], ranking[1], ranking[3], ranking[4]]


def test_without_vectors_the_mode_is_bm25_with_a_note(engine: MemoryBackend, tmp_path: Path) -> None:
    page = ask(engine, ConceptRetriever(path=tmp_path / "nothing"))
    assert "p:road" in keys(page)
    assert {signal for hit in page.hits for signal in hit.signals} == {"words"}
    (note,) = page.notes
    assert "shared words only" in note


@pytest.mark.parametrize("title", ["", "the", "zzzz", "车"])
def test_a_paper_without_keywords_has_no_related_papers_by_words(
    engine: MemoryBackend, dense: ConceptRetriever, title: str
) -> None:
    assert all("words" not in hit.signals for hit in ask(engine, dense, Subject("new", title, "")).hits)
