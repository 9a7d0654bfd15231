"""Index and vectors follow the library by themselves, once they are there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from coolpapers.finding import tasks
from coolpapers.finding.questions import Question
from coolpapers.finding.services import search_papers
from coolpapers.finding.tasks import follow_index, follow_library, follow_vectors, verify_index
from coolpapers.papers.models import Paper
from search.engines.tantivy.backend import LAYOUT, READABLE_LAYOUTS
from search.errors import DenseUnavailable, IndexLocked, IndexOutdated
from search.neural.dense import retrievers
from search.neural.encoding import SLICE_TEXTS
from search.neural.vector_search import VectorSearch
from tests.coolpapers.papers.library import make_paper
from tests.search.concepts import ConceptRetriever

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def retriever(settings: Any, tmp_path: Path, own_index: Path) -> ConceptRetriever:
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    built = retrievers["default"]
    assert isinstance(built, ConceptRetriever)
    return built


def test_a_new_paper_is_found_by_words_and_by_meaning(
    retriever: ConceptRetriever, index_papers: Callable[[], None]
) -> None:
    make_paper(title="Trees")
    index_papers()
    call_command("embed_papers", verbosity=0)
    paper = make_paper(title="An automobile", abstract="")
    follow_library()
    assert [hit.key for hit in search_papers(Question("automobile", mode="bm25")).hits] == [paper.key]
    assert VectorSearch(retriever).retrieve("car", depth=1)[0][0] == paper.key


def test_nothing_is_built_that_nobody_asked_for(retriever: ConceptRetriever, own_index: Path) -> None:
    make_paper()
    follow_library()
    assert not own_index.exists()
    assert retriever.count() == 0


def test_a_run_embeds_a_bounded_number_and_the_next_goes_on(
    retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_paper()
    call_command("embed_papers", verbosity=0)
    monkeypatch.setattr(tasks, "PAPERS_A_RUN", 2)
    for _ in range(3):
        make_paper()
    assert [follow_vectors() for _ in range(3)] == [2, 1, 0]
    assert retriever.count() == 4


def test_searches_can_have_the_encoder_in_between(retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    make_paper()
    call_command("embed_papers", verbosity=0)
    for _ in range(SLICE_TEXTS + 1):
        make_paper()
    asked: list[int] = []
    encode = retriever.stub.encode

    def noted(texts: Any) -> Any:
        asked.append(len(texts))
        return encode(texts)

    monkeypatch.setattr(retriever.stub, "encode", noted)
    follow_vectors()
    assert asked == [SLICE_TEXTS, 1]


def test_what_another_process_is_at_is_left_to_it(
    retriever: ConceptRetriever, index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_paper()
    index_papers()
    call_command("embed_papers", verbosity=0)
    make_paper()

    def locked(*_: object, **__: object) -> None:
        raise IndexLocked("another process is writing")

    def running(*_: object, **__: object) -> None:
        raise DenseUnavailable("another process is embedding", is_transient=True)

    monkeypatch.setattr(tasks, "update_index", locked)
    monkeypatch.setattr(ConceptRetriever, "update", running)
    assert (follow_index(), follow_vectors()) == (0, 0)


def test_a_damaged_index_does_not_stop_the_vectors(
    retriever: ConceptRetriever, index_papers: Callable[[], None], own_index: Path
) -> None:
    make_paper()
    index_papers()
    call_command("embed_papers", verbosity=0)
    for path in own_index.rglob("meta.json"):
        path.write_text("{", encoding="utf-8")
    shutil.rmtree(next(iter(own_index.iterdir())), ignore_errors=True)
    make_paper()
    follow_library()
    assert retriever.count() == 2


def test_a_damaged_index_is_noticed_and_rebuilt_by_the_daily_task(
    index_papers: Callable[[], None], own_index: Path
) -> None:
    make_paper(title="Trees")
    index_papers()
    search_papers(Question("trees", mode="bm25"))  # the process has the index open
    damaged = next(own_index.glob("0*/*.store"))
    damaged.write_bytes(b"x" * damaged.stat().st_size)
    verify_index()
    assert [hit.title for hit in _papers("trees")] == ["Trees"]


@pytest.mark.parametrize("pattern", ["manifest.json", "vectors-*.npy", "ids-*.txt", "id_hashes-*.npy"])
@pytest.mark.parametrize("content", [b"", b"damaged", None])
def test_damaged_vectors_are_repaired_by_the_next_run(
    retriever: ConceptRetriever, pattern: str, content: bytes | None
) -> None:
    paper = make_paper(title="An automobile", abstract="")
    call_command("embed_papers", verbosity=0)
    path = next(retriever.path.glob(pattern))
    path.unlink() if content is None else path.write_bytes(content)
    follow_library()
    assert VectorSearch(retriever).retrieve("car", depth=1)[0][0] == paper.key


def test_damage_of_vectors_that_no_search_notices_is_repaired_by_the_daily_task(
    retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rerank.artifacts.VERIFIED_WHEN_OPENED_BYTES", 0)
    paper = make_paper(title="An automobile", abstract="")
    call_command("embed_papers", verbosity=0)
    path = next(retriever.path.glob("vectors-*.npy"))
    path.write_bytes(path.read_bytes()[:-64] + bytes(64))
    verify_index()
    assert VectorSearch(retriever).retrieve("car", depth=1)[0][0] == paper.key


@pytest.mark.parametrize("renew", [follow_library, lambda: call_command("update_index", verbosity=0)])
def test_an_index_of_a_readable_version_answers_until_the_new_one_is_built(
    index_as_older_version: Callable[[str], None], own_index: Path, renew: Callable[[], object]
) -> None:
    make_paper(title="Trees")
    index_as_older_version(READABLE_LAYOUTS[-1])
    older = search_papers(Question("trees", mode="bm25"))
    assert (older.total, len(older.notes)) == (1, 1)
    make_paper(title="Tall trees")
    renew()
    newer = search_papers(Question("trees", mode="bm25"))
    assert (newer.total, newer.notes) == (2, ())
    state = json.loads((own_index / "0002" / "state.json").read_text(encoding="utf-8"))
    assert state["layout"] == LAYOUT


def test_an_index_of_an_unreadable_version_is_rebuilt_by_the_next_run(
    index_as_older_version: Callable[[str], None],
) -> None:
    make_paper(title="Trees")
    index_as_older_version("tantivy-0.1")
    with pytest.raises(IndexOutdated, match=r"Another version .* run manage\.py rebuild_index"):
        _papers("trees")
    follow_library()
    assert [paper.title for paper in _papers("trees")] == ["Trees"]


def test_verifying_a_whole_index_changes_nothing(index_papers: Callable[[], None], own_index: Path) -> None:
    make_paper(title="Trees")
    index_papers()
    before = sorted(path.name for path in own_index.rglob("*"))
    verify_index()
    assert sorted(path.name for path in own_index.rglob("*")) == before


def _papers(query: str) -> list[Paper]:
    return list(Paper.objects.filter(key__in=[hit.key for hit in search_papers(Question(query, mode="bm25")).hits]))


def test_index_and_vectors_follow_papers_that_are_merged_and_parted_again(
    retriever: ConceptRetriever, index_papers: Callable[[], None]
) -> None:
    older, younger = make_paper(title="Trees"), make_paper(title="An automobile", abstract="")
    index_papers()
    call_command("embed_papers", verbosity=0)
    call_command("merge_papers", older.key, younger.key, verbosity=0)
    follow_library()
    assert search_papers(Question("automobile", mode="bm25")).hits == ()
    assert retriever.vectors_of([older.key, younger.key])[0] == [older.key]
    call_command("merge_papers", "--undo", older.key, younger.key, verbosity=0)
    follow_library()
    assert [hit.key for hit in search_papers(Question("automobile", mode="bm25")).hits] == [younger.key]
    assert retriever.vectors_of([older.key, younger.key])[0] == [older.key, younger.key]


def test_the_daily_task_replaces_the_vectors_of_a_former_encoder_in_parts(
    settings: Any, retriever: ConceptRetriever, index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    papers = [make_paper(title=f"Cats {number}", abstract="") for number in range(3)]
    index_papers()
    call_command("embed_papers", verbosity=0)
    options = {"path": retriever.path, "hash_of_model": "wide-2", "installed": ["concepts-1"]}
    settings.DENSE_RETRIEVERS = {"default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": options}}
    monkeypatch.setattr("coolpapers.finding.tasks.PAPERS_A_RUN", 2)
    present = retrievers["default"]
    present.encoder(wait_s=20.0)

    def found() -> set[str]:
        answer = search_papers(Question("feline", mode="hybrid"))
        assert answer.mode == "hybrid"
        return {hit.key for hit in answer.hits}

    VectorSearch(present, 20.0).query_vector("feline")  # loads the former encoder
    assert (follow_vectors(), present.former() is not None) == (2, True)
    assert found() == {paper.key for paper in papers}
    assert (follow_vectors(), present.former()) == (1, None)
    assert found() == {paper.key for paper in papers}
    assert follow_vectors() == 0
