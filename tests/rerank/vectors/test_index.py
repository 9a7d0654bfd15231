from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rerank.arrays import Float32s
from rerank.errors import ArtifactBroken, ArtifactMissing, ModelMismatch, ShapeError
from rerank.vectors.index import VectorIndex, exact_search, open_vectors
from rerank.vectors.vector_store import VectorFolder

HASH = "e" * 64


def unit(rng: np.random.Generator, n: int, dim: int = 16) -> Float32s:
    vectors = rng.normal(size=(n, dim)).astype(np.float32)
    unit_vectors: Float32s = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit_vectors


def make_index(folder: Path, vectors: Float32s, monkeypatch: pytest.MonkeyPatch, *, kind: str = "flat") -> VectorIndex:
    monkeypatch.setattr("rerank.vectors.publishing.index_kind", lambda n_rows: kind)
    by_text = {f"text {row}": vector for row, vector in enumerate(vectors)}
    VectorFolder(folder, "encoder", HASH).update(
        [f"p{row}" for row in range(len(vectors))],
        list(by_text),
        encode=lambda texts: np.array([by_text[text] for text in texts]),
    )
    return open_vectors(folder, model_hash=HASH)


@pytest.mark.parametrize(("kind", "least"), [("flat", 1.0), ("hnsw", 0.95), ("ivfpq", 0.7)])
def test_every_kind_finds_what_brute_force_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, least: float
) -> None:
    rng = np.random.default_rng(0)
    vectors, queries = unit(rng, 3000), unit(rng, 20)
    index = make_index(tmp_path, vectors, monkeypatch, kind=kind)
    hits, exact = index.search(queries, top_k=10), exact_search(vectors, queries, top_k=10)
    shared = [len(np.intersect1d(ours, theirs)) / 10 for ours, theirs in zip(hits.rows, exact.rows, strict=True)]
    assert np.mean(shared) >= least
    assert (np.diff(hits.scores, axis=1) <= 1e-6).all()
    products = np.einsum("qkd,qd->qk", vectors[hits.rows], queries)
    assert hits.scores == pytest.approx(products, abs=1e-3)


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivfpq"])
@pytest.mark.parametrize("share", [0.01, 0.5])
def test_a_filter_leaves_only_what_it_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, share: float
) -> None:
    rng = np.random.default_rng(1)
    vectors, queries = unit(rng, 2000), unit(rng, 5)
    index = make_index(tmp_path, vectors, monkeypatch, kind=kind)
    allowed = rng.random(2000) < share
    hits = index.search(queries, top_k=5, allowed=allowed)
    assert allowed[hits.rows].all()
    exact = exact_search(vectors, queries, top_k=5, rows=np.flatnonzero(allowed))
    assert len(np.intersect1d(hits.rows[0], exact.rows[0])) >= 3


def test_fewer_rows_than_wanted_are_padded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = make_index(tmp_path, unit(np.random.default_rng(2), 3), monkeypatch)
    hits = index.search(unit(np.random.default_rng(3), 1), top_k=5)
    assert hits.rows[0, 3:].tolist() == [-1, -1]
    assert np.isneginf(hits.scores[0, 3:]).all()
    assert len(index.ids_of(hits.rows[0])) == 3
    nothing = index.search(unit(np.random.default_rng(3), 1), top_k=2, allowed=np.zeros(3, dtype=bool))
    assert nothing.rows.tolist() == [[-1, -1]]


def test_vectors_are_mapped_and_found_by_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = unit(np.random.default_rng(4), 10)
    index = make_index(tmp_path, vectors, monkeypatch)
    assert all(isinstance(segment.vectors, np.memmap) for segment in index.segments)
    vector = index.vector("p7")
    assert vector is not None
    assert np.array_equal(vector, vectors[7].astype(np.float16))
    assert index.vector("nobody") is None


def test_vectors_of_another_model_or_dimension_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = make_index(tmp_path, unit(np.random.default_rng(5), 10), monkeypatch)
    with pytest.raises(ModelMismatch, match=r"'encoder'.*'other'"):
        open_vectors(tmp_path, model_hash="0" * 64, model="other")
    with pytest.raises(ShapeError, match="dimension 16, expected 384"):
        open_vectors(tmp_path, model_hash=HASH, dim=384)
    with pytest.raises(ShapeError, match="dimension 16"):
        index.search(np.ones((1, 384), dtype=np.float32), top_k=1)


def test_a_missing_or_damaged_index_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArtifactMissing):
        open_vectors(tmp_path)
    make_index(tmp_path, unit(np.random.default_rng(6), 10), monkeypatch, kind="hnsw")
    path = next(tmp_path.glob("*.faiss"))
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(ArtifactBroken, match="not a readable index"):
        open_vectors(tmp_path)
