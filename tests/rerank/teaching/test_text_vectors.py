from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rerank.artifacts import build_lock
from rerank.errors import ArtifactBroken, BuildRunning, ShapeError
from rerank.teaching import text_vectors
from rerank.teaching.text_vectors import TextVectors, key_of
from tests.rerank.teaching.world import WordTeacher, store_of, taught_texts


def opened(teacher: WordTeacher, folder: Path) -> TextVectors:
    return TextVectors(folder, teacher.name, teacher.model_hash, teacher.dim)


def test_vectors_are_found_again_by_their_texts(tmp_path: Path) -> None:
    texts = taught_texts()
    teacher = WordTeacher(texts.papers)
    store_of(teacher, texts, tmp_path)
    again = opened(teacher, tmp_path)
    wanted = texts.papers[::-1]
    assert again.of_rows(again.rows(wanted)) == pytest.approx(teacher.encode(wanted), abs=1e-3)
    assert again.rows(["a text that nobody has embedded"]).tolist() == [-1]


def test_a_query_and_a_document_of_one_text_are_two_vectors(tmp_path: Path) -> None:
    teacher = WordTeacher(taught_texts().papers)
    store = opened(teacher, tmp_path)
    store.embed(teacher, ["graph networks"])
    assert store.missing(["graph networks"], is_query=True) == ["graph networks"]
    store.embed(teacher, ["graph networks"], is_query=True)
    assert len(store) == 2
    assert key_of("a") != key_of("a", is_query=True)


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_vectors, "CHUNK_TEXTS", 4)
    texts = taught_texts().papers[:14]
    teacher = WordTeacher(texts, min_papers=1)
    counts: list[tuple[int, int]] = []
    store = opened(teacher, tmp_path)
    finished = store.embed(
        teacher, texts, stop=lambda: len(counts) == 2, progress=lambda done, total: counts.append((done, total))
    )
    assert not finished
    assert counts == [(4, 14), (8, 14)]
    assert teacher.asked == list(texts[:8])
    assert opened(teacher, tmp_path).embed(teacher, texts)
    assert teacher.asked == list(texts)


@pytest.mark.parametrize(("name", "cut"), [("vectors.f16", 3), ("hashes.bin", 5), ("vectors.f16", 400)])
def test_what_a_kill_has_cut_off_is_embedded_again(tmp_path: Path, name: str, cut: int) -> None:
    texts = taught_texts().papers[:10]
    teacher = WordTeacher(texts, min_papers=1)
    store = opened(teacher, tmp_path)
    store.embed(teacher, texts)
    path = store.folder / name
    path.write_bytes(path.read_bytes()[:-cut])
    again = opened(teacher, tmp_path)
    lost = again.missing(texts)
    assert 1 <= len(lost) < 10
    again.embed(teacher, texts)
    assert again.of_rows(again.rows(texts)) == pytest.approx(teacher.encode(texts), abs=1e-3)
    assert opened(teacher, tmp_path).missing(texts) == []


def test_vectors_of_another_dimension_are_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    texts = taught_texts().papers[:6]
    teacher = WordTeacher(texts, min_papers=1)
    store = opened(teacher, tmp_path)
    store.embed(teacher, texts)
    with pytest.raises(ShapeError, match="dimension"):
        store.append([key_of("x")], np.zeros((1, teacher.dim + 1), dtype=np.float32))
    with pytest.raises(ArtifactBroken, match="other vectors"):
        TextVectors(tmp_path, teacher.name, teacher.model_hash, teacher.dim + 1)
    assert opened(teacher, tmp_path).missing(texts) == []


def test_a_damaged_description_says_which_folder_to_delete(tmp_path: Path) -> None:
    teacher = WordTeacher(taught_texts().papers)
    folder = opened(teacher, tmp_path).folder
    assert json.loads((folder / "about.json").read_text())["model"] == "words"
    (folder / "about.json").write_text("{")
    with pytest.raises(ArtifactBroken, match=str(folder)):
        opened(teacher, tmp_path)


def test_two_processes_do_not_append_at_once(tmp_path: Path) -> None:
    teacher = WordTeacher(taught_texts().papers)
    store = opened(teacher, tmp_path)
    with build_lock(store.folder), pytest.raises(BuildRunning):
        store.embed(teacher, ["a text"])
