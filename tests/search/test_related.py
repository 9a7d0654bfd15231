"""Related papers: found by shared words and by meaning, each saying which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from search import stages
from search.backends.memory import MemoryBackend
from search.documents import Document
from search.pools import Stages
from search.query import Exact, Range
from search.related import RelatedPage, Subject, related_papers
from tests.search.concepts import ConceptRetriever
from tests.search.make import make_document
from tests.search.meanings import BackwardsReranker, make_engine, make_library, make_retriever

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


def ask(engine: MemoryBackend, dense: ConceptRetriever, subject: Subject = SUBJECT, **options: Any) -> RelatedPage:
    stages_of = Stages(dense, BackwardsReranker(), lambda keys: dict.fromkeys(keys, ""), wait_s=PATIENT_S)
    return related_papers(subject, engine=engine, stages=stages_of, **options)


def keys(page: RelatedPage) -> list[str]:
    return [hit.key for hit in page.hits]


def test_both_signals_find_and_say_so(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    hits = {hit.key: hit for hit in ask(engine, dense).hits}
    assert hits["p:02"].signals == ("words", "meaning")
    assert hits["p:08"].signals == ("meaning",)  # automobile
    assert hits["p:road"].signals == ("words",)
    assert hits["p:02"].shared == ("car",)
    assert hits["p:road"].shared == ("road",)
    assert hits["p:08"].shared == ()
    assert hits["p:08"].bm25_score is None
    assert hits["p:08"].similarity is not None


def test_never_the_paper_itself_nor_its_copies(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    assert "p:00" not in keys(ask(engine, dense))
    copied = Subject("p:00", "A car on the road", "", frozenset({"p:00", "p:02"}))
    assert {"p:00", "p:02"}.isdisjoint(keys(ask(engine, dense, copied)))


def test_conditions_hold_for_both_signals(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    found = keys(ask(engine, dense, conditions=[Exact("category", "cs.CL")]))
    assert found
    assert all(int(key[2:]) % 2 for key in found)
    days = [Range("date", None, None), Exact("category", "hep-th")]
    assert keys(ask(engine, dense, conditions=days)) == []


def test_dates_sort_all_that_was_found(engine: MemoryBackend, dense: ConceptRetriever) -> None:
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
    assert keys(by_mode["rerank"]) == keys(by_mode["hybrid"])[::-1]


def test_a_paper_of_this_morning_is_embedded_on_the_fly(engine: MemoryBackend, dense: ConceptRetriever) -> None:
    page = ask(engine, dense, Subject("new", "Feline", ""))
    assert page.notes == ()
    assert {"p:07", "p:09"} <= set(keys(page))


def test_without_vectors_words_answer_and_a_note_says_so(engine: MemoryBackend, tmp_path: Path) -> None:
    page = ask(engine, ConceptRetriever(path=tmp_path / "nothing"))
    assert "p:road" in keys(page)
    assert {signal for hit in page.hits for signal in hit.signals} == {"words"}
    (note,) = page.notes
    assert "shared words alone" in note


@pytest.mark.parametrize("title", ["", "the", "zzzz", "车"])
def test_a_paper_that_says_nothing_has_no_relatives_by_words(
    engine: MemoryBackend, dense: ConceptRetriever, title: str
) -> None:
    assert all("words" not in hit.signals for hit in ask(engine, dense, Subject("new", title, "")).hits)


@pytest.mark.django_db
def test_a_copy_that_was_never_joined_is_known() -> None:
    from tests.coolpapers.papers.library import make_paper

    first = make_paper(match_key="cars|benz")
    second = make_paper(match_key="cars|benz")
    make_paper(match_key="")
    assert Subject.of_paper(first).copies == {first.key, second.key}
    assert Subject.of_paper(make_paper(match_key="")).copies == frozenset()
