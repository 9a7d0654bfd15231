"""Opened vectors: which are used, and when they are opened again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rerank.vectors.vector_store import VectorFolder
from search.errors import DenseUnavailable
from search.neural import opened
from search.neural.vector_search import VectorSearch
from tests.search.concepts import ConceptRetriever
from tests.search.meanings import make_library, make_retriever

PATIENT_S = 20.0


@pytest.fixture
def retriever(tmp_path: Path) -> ConceptRetriever:
    return make_retriever(tmp_path / "vectors", make_library())


def test_vectors_of_gives_rows_in_the_order_of_its_keys(retriever: ConceptRetriever) -> None:
    keys, vectors = retriever.vectors_of(["p:07", "unknown", "p:00"])
    assert keys == ["p:07", "p:00"]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_missing_vectors_are_reported_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(DenseUnavailable, match="embed_papers") as caught:
        VectorSearch(ConceptRetriever(path=tmp_path)).retrieve("car", depth=3)
    assert not caught.value.is_transient
    assert ConceptRetriever(path=tmp_path).count() == 0


def test_vectors_of_another_model_are_refused(retriever: ConceptRetriever) -> None:
    other = ConceptRetriever(path=retriever.path, hash_of_model="concepts-2")
    with pytest.raises(DenseUnavailable):
        VectorSearch(other).retrieve("car", depth=3)
    assert other.revision() == 0
    assert retriever.revision() == 1


def test_the_state_of_an_older_version_counts_for_its_model(retriever: ConceptRetriever) -> None:
    encoder = retriever.stub
    for model_hash, revision in (("concepts-2", 0), (encoder.model_hash, 3)):
        shutil.rmtree(retriever.path)
        VectorFolder(retriever.path, "concepts", encoder.model_hash).update(["a"], ["A car"], encode=encoder.encode)
        state = {"revision": 3, "origin": "3:x", "model_hash": model_hash}
        (retriever.path / opened.STATE).write_text(json.dumps(state), encoding="utf-8")
        assert retriever.revision() == revision
    retriever.update([], [], removed=(), revision=4)
    assert retriever.revision() == 4
    assert not (retriever.path / opened.STATE).exists()


def test_vectors_of_another_encoder_are_not_damaged(retriever: ConceptRetriever, tmp_path: Path) -> None:
    assert ConceptRetriever(path=retriever.path, hash_of_model="concepts-2").damage() == ""
    assert ConceptRetriever(path=tmp_path / "nothing").damage() == ""


def test_an_index_published_by_another_process_is_read(retriever: ConceptRetriever) -> None:
    reader = ConceptRetriever(path=retriever.path)
    before = reader.identity()
    assert "new" not in dict(VectorSearch(reader, PATIENT_S).retrieve("feline", depth=9))
    retriever.update(["new"], ["feline"], removed=["p:07"], revision=2)
    scores = dict(VectorSearch(reader).retrieve("feline", depth=9))
    assert "new" in scores
    assert "p:07" not in scores
    assert reader.identity() != before


def test_a_revision_without_changed_texts_keeps_the_opened_vectors(retriever: ConceptRetriever) -> None:
    before = retriever.open_vectors()
    retriever.update([], [], removed=(), revision=9, origin="9:x")
    assert (retriever.revision(), retriever.origin()) == (9, "9:x")
    assert retriever.open_vectors().vectors is before.vectors
