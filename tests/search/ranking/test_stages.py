"""A failed stage is skipped, with one error, one count and one line in the log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from search.errors import DenseUnavailable, StageUnavailable
from search.ranking import stages
from search.ranking.stages import run_stage, stage_counts
from tests.search.concepts import ConceptRetriever
from tests.search.meanings import make_library, make_retriever, make_stages


@pytest.fixture(autouse=True)
def _fresh(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 5_000, "rerank": 30}
    monkeypatch.setattr(stages, "_down", {})
    monkeypatch.setattr(stages, "_abandoned", set())
    monkeypatch.setattr(stages, "_running_ahead", set())


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """An event that ends waiting stages when the test ends."""
    event = threading.Event()
    yield event
    event.set()


def failing(exc: Exception) -> Callable[[], None]:
    def stage() -> None:
        raise exc

    return stage


def test_a_result_in_time_is_returned_and_counted() -> None:
    before = stage_counts().get(("dense", "ok"), 0)
    assert run_stage("dense", lambda: 42) == 42
    assert stage_counts()["dense", "ok"] == before + 1


@pytest.mark.parametrize(
    ("exc", "outcome", "is_transient"),
    [
        (DenseUnavailable("no vectors"), "unavailable", False),
        (DenseUnavailable("loading", is_transient=True), "loading", True),
        (ZeroDivisionError("a bug"), "failed", False),
    ],
)
def test_a_failure_becomes_one_error_counted_by_its_kind(exc: Exception, outcome: str, is_transient: bool) -> None:
    before = stage_counts().get(("dense", outcome), 0)
    with pytest.raises(StageUnavailable) as caught:
        run_stage("dense", failing(exc))
    assert caught.value.is_transient == is_transient
    assert stage_counts()["dense", outcome] == before + 1


def test_a_stage_that_times_out_is_abandoned(release: threading.Event) -> None:
    with pytest.raises(StageUnavailable, match="took more than") as caught:
        run_stage("rerank", release.wait)
    assert caught.value.is_transient  # it continues in the background, and the next search uses what it loads


def test_an_outage_is_logged_once_until_it_changes_or_ends(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="search.ranking.stages"):
        for _ in range(3):
            with pytest.raises(StageUnavailable):
                run_stage("dense", failing(DenseUnavailable("no vectors")))
        assert len(caplog.records) == 1
        with pytest.raises(StageUnavailable):
            run_stage("dense", failing(ValueError("something else")))
        assert len(caplog.records) == 2
        run_stage("dense", lambda: None)
        with pytest.raises(StageUnavailable):
            run_stage("dense", failing(ValueError("something else")))
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 3
    assert caplog.records[1].exc_info  # a bug comes with its traceback
    assert not caplog.records[0].exc_info


def test_hanging_stages_do_not_block_others(release: threading.Event) -> None:
    for _ in range(stages.N_WORKERS):
        with pytest.raises(StageUnavailable, match="took more than"):
            run_stage("rerank", release.wait)
    with pytest.raises(StageUnavailable, match="busy") as caught:
        run_stage("dense", lambda: None)
    assert caught.value.is_transient
    release.set()
    for future in list(stages._abandoned):
        future.result(timeout=10)
    assert run_stage("dense", lambda: "again") == "again"


def test_a_search_keeps_its_vectors_and_the_next_one_has_new_ones(tmp_path: Path) -> None:
    documents = make_library()
    retriever = make_retriever(tmp_path / "vectors", documents)
    kept = make_stages(documents, retriever)
    running = kept.of_one_search()
    assert running.vectors.reader.vectors_of(["new"])[0] == []
    retriever.update(["new"], ["Feline"], removed=(), revision=2)
    assert running.vectors.reader.vectors_of(["new"])[0] == []
    assert kept.of_one_search().vectors.reader.vectors_of(["new"])[0] == ["new"]


def test_a_query_is_embedded_while_the_index_is_asked(tmp_path: Path) -> None:
    documents = make_library()
    retriever = make_retriever(tmp_path / "vectors", documents)
    search = make_stages(documents, retriever).of_one_search()
    search.embed_ahead("a car by the sea")
    finish_ahead()
    before = retriever.stub.n_texts
    assert search.run("dense", lambda: search.vectors.retrieve("a car by the sea", depth=3))
    assert retriever.stub.n_texts == before


def test_the_stage_tells_why_a_query_could_not_be_embedded(tmp_path: Path) -> None:
    retriever = ConceptRetriever(path=tmp_path / "none")
    search = make_stages([], retriever).of_one_search()
    search.embed_ahead("car")
    finish_ahead()
    before = stage_counts().get(("dense", "unavailable"), 0)
    with pytest.raises(StageUnavailable):
        search.run("dense", lambda: search.vectors.retrieve("car", depth=3))
    assert stage_counts()["dense", "unavailable"] == before + 1


def test_one_query_at_a_time_is_embedded_ahead(tmp_path: Path, release: threading.Event) -> None:
    documents = make_library()
    retriever = make_retriever(tmp_path / "vectors", documents)
    asked: list[str] = []

    def query_vector(text: str, **_more: Any) -> None:
        asked.append(text)
        release.wait(20)

    retriever.query_vector = query_vector  # type: ignore[assignment, method-assign]
    search = make_stages(documents, retriever).of_one_search()
    for query in ("car", "sea", "tree"):
        search.embed_ahead(query)
    release.set()
    finish_ahead()
    assert asked == ["car"]


def finish_ahead() -> None:
    for future in list(stages._running_ahead):
        future.result(timeout=20)
