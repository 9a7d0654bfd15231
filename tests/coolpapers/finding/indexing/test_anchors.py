"""Anchors that are damaged, of another library or too old are built again by the task."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from coolpapers.finding import tasks
from coolpapers.finding.indexing.anchors import AnchorSize, was_built, why_rebuild
from coolpapers.finding.tasks import follow_anchors
from coolpapers.papers.models import Paper, RevisionMark
from rerank.artifacts import build_lock
from rerank.encoders.weights import find_model, model_hash
from search.neural.anchors import PAPERS, build_stamp
from search.neural.dense import retrievers
from search.neural.rerankers import AnchorReranker, Candidate, rerankers
from search.neural.vector_search import VectorSearch
from tests.coolpapers.papers.library import make_paper
from tests.search.engines.contract.damage import damage
from tests.search.neural.test_rerankers import tiny_cross_encoder

pytestmark = pytest.mark.django_db

SIZE = AnchorSize(n_queries=4, n_per_query=5)


@pytest.fixture(autouse=True)
def _models(settings: Any, tmp_path: Path) -> None:
    options = {"anchors": tmp_path / "anchors", "dtype": "float32", "model": tiny_cross_encoder(tmp_path / "cross")}
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.AnchorReranker", "OPTIONS": options}}
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    take_in(12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    call_command("build_anchors", queries=SIZE.n_queries, papers_per_query=SIZE.n_per_query, verbosity=0)
    assert reason() == ""
    return tmp_path / "anchors"


def take_in(n_papers: int) -> None:
    for number in range(n_papers):
        make_paper(title=f"A car, model {number}", abstract="It drives.")
    call_command("embed_papers", verbosity=0)


def reranker() -> AnchorReranker:
    backend = rerankers["default"]
    assert isinstance(backend, AnchorReranker)
    return backend


def reason() -> str:
    return str(why_rebuild(reranker(), retrievers["default"]))


def n_built() -> int:
    anchors = reranker().built_anchors(retrievers["default"])
    assert anchors is not None
    return len(anchors.row_of)


def test_where_nobody_has_built_anchors_none_are_built(tmp_path: Path) -> None:
    follow_anchors()
    assert not was_built(reranker())
    assert not (tmp_path / "anchors").exists()


def test_good_anchors_are_left_alone(folder: Path) -> None:
    before = build_stamp(folder)
    make_paper(title="A car, the newest model")  # one in thirteen
    call_command("embed_papers", verbosity=0)
    follow_anchors()
    assert build_stamp(folder) == before


@pytest.mark.parametrize("way", ["flip", "cut", "empty", "delete"])
@pytest.mark.parametrize("pattern", ["papers.json", "plan.json", "calibration/*", "lexical/*", "scores/*"])
def test_damaged_anchors_are_rebuilt(folder: Path, pattern: str, way: str) -> None:
    for number, path in enumerate(sorted(path for path in folder.glob(pattern) if path.is_file())):
        if path.name != ".lock":
            damage(path, way, seed=number)
    follow_anchors()
    assert reason() == ""
    assert n_built() == 12
    call_command("build_anchors", queries=SIZE.n_queries, papers_per_query=SIZE.n_per_query, verbosity=0)
    assert n_built() == 12


def test_a_flipped_letter_of_a_key_is_noticed(folder: Path) -> None:
    state = json.loads((folder / PAPERS).read_text(encoding="utf-8"))
    state["keys"][0] = f"x{state['keys'][0][1:]}"
    (folder / PAPERS).write_text(json.dumps(state), encoding="utf-8")
    assert "differs from its checksum" in reason()
    follow_anchors()
    assert reason() == ""


def test_anchors_too_old_for_the_library_are_rebuilt_in_their_size(folder: Path) -> None:
    take_in(4)
    assert "4 of 16 papers are newer" in reason()
    follow_anchors()
    assert reason() == ""
    assert n_built() == 16
    assert AnchorSize.of_build(reranker()) == SIZE


def test_anchors_of_another_history_are_rebuilt(folder: Path) -> None:
    RevisionMark.objects.update(token="another")
    call_command("embed_papers", verbosity=0)
    assert "another state of the library" in reason()
    follow_anchors()
    assert reason() == ""


def test_anchors_wait_for_the_vectors(folder: Path) -> None:
    (folder / PAPERS).unlink()
    make_paper(title="A car that is not embedded yet")
    follow_anchors()
    assert "not finished" in reason()
    call_command("embed_papers", verbosity=0)
    follow_anchors()
    assert reason() == ""


def test_one_process_builds_at_a_time(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / PAPERS).unlink()
    with build_lock(folder), caplog.at_level(logging.WARNING):
        follow_anchors()
    assert "Another process is building" in caplog.text
    assert "not finished" in reason()
    follow_anchors()
    assert reason() == ""


def test_a_run_that_is_too_short_goes_on_next_time_and_the_older_anchors_are_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(4)
    shutil.rmtree(folder / "scores")
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "ANCHORS_RUN_S", -1.0)
        follow_anchors()
    assert n_built() == 12
    assert "4 of 16" in reason()
    follow_anchors()
    assert n_built() == 16


def test_a_missing_model_is_no_reason_to_build(folder: Path, settings: Any, tmp_path: Path) -> None:
    options = {"anchors": folder, "model": tmp_path / "absent"}
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.AnchorReranker", "OPTIONS": options}}
    assert reason() == ""
    follow_anchors()
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.NoReranker"}}
    follow_anchors()


def test_anchors_of_a_former_encoder_are_used_with_its_vectors_and_rebuilt_after_them(
    folder: Path, settings: Any, tmp_path: Path
) -> None:
    options = {"path": tmp_path / "vectors", "hash_of_model": "wide-2", "installed": ["concepts-1"]}
    settings.DENSE_RETRIEVERS = {"default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": options}}
    vectors = VectorSearch(retrievers["default"], 20.0)
    pool = [Candidate(key, "A car", score=1.0, similarity=0.5) for key in vectors.reader.vectors_of(all_keys())[0]]
    assert len(reranker().rerank("car", pool, vectors)) == 12
    assert reranker()._anchors(scorer_hash(), vectors) is not None
    assert reason() == ""
    before = build_stamp(folder)
    make_paper(title="A car, the newest model")
    follow_anchors()
    with pytest.raises(CommandError, match="former encoder"):
        call_command("build_anchors", queries=SIZE.n_queries, papers_per_query=SIZE.n_per_query, verbosity=0)
    assert build_stamp(folder) == before
    call_command("embed_papers", verbosity=0)
    assert "another encoder" in reason()
    follow_anchors()
    assert reason() == ""
    assert n_built() == 13


def all_keys() -> list[str]:
    return list(Paper.objects.values_list("key", flat=True))


def scorer_hash() -> str:
    return model_hash(find_model(reranker().model))
