"""The encoder of a process: loading, unloading, failing; recent vectors of queries."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from rerank.encoders import lazy_model
from search.errors import DenseUnavailable
from search.neural.vector_search import VectorSearch
from tests.search.concepts import ConceptRetriever
from tests.search.meanings import make_library, make_retriever

PATIENT_S = 20.0


@pytest.fixture
def retriever(tmp_path: Path) -> ConceptRetriever:
    return make_retriever(tmp_path / "vectors", make_library())


def test_a_page_does_not_wait_for_a_loading_model(retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    may_load = threading.Event()

    def open_encoder(self: ConceptRetriever) -> Any:
        may_load.wait(PATIENT_S)
        return self.stub

    monkeypatch.setattr(ConceptRetriever, "open_encoder", open_encoder)
    slow = ConceptRetriever(path=retriever.path)
    with pytest.raises(DenseUnavailable, match="loading") as caught:
        VectorSearch(slow).retrieve("car", depth=3)
    assert caught.value.is_transient
    may_load.set()
    assert VectorSearch(slow, PATIENT_S).retrieve("car", depth=3)


def test_the_model_is_loaded_once_by_many_threads(retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []

    def open_encoder(self: ConceptRetriever) -> Any:
        loaded.append(1)
        time.sleep(0.05)
        return self.stub

    monkeypatch.setattr(ConceptRetriever, "open_encoder", open_encoder)
    fresh = ConceptRetriever(path=retriever.path)
    threads = [threading.Thread(target=fresh.encoder, kwargs={"wait_s": PATIENT_S}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loaded == [1]


@pytest.mark.parametrize("failure", [OSError("gone"), RuntimeError("torn"), ValueError()])
def test_a_model_that_cannot_be_loaded_is_tried_again_later(
    retriever: ConceptRetriever, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def open_encoder(self: ConceptRetriever) -> Any:
        tried.append(1)
        if len(tried) == 1:
            raise failure
        return self.stub

    monkeypatch.setattr(ConceptRetriever, "open_encoder", open_encoder)
    fresh = ConceptRetriever(path=retriever.path)
    for _ in range(2):
        with pytest.raises(DenseUnavailable) as caught:
            VectorSearch(fresh, PATIENT_S).retrieve("car", depth=3)
        assert not caught.value.is_transient
    assert tried == [1]
    monkeypatch.setattr(lazy_model, "RETRY_S", 0.0)
    assert VectorSearch(fresh, PATIENT_S).retrieve("car", depth=3)


def test_an_idle_model_leaves_memory_and_comes_back(retriever: ConceptRetriever) -> None:
    idle = ConceptRetriever(path=retriever.path, idle_s=0.05)
    idle.encoder(wait_s=PATIENT_S)
    until = time.monotonic() + PATIENT_S
    while idle._resident.loaded and time.monotonic() < until:
        time.sleep(0.01)
    assert not idle._resident.loaded
    assert VectorSearch(idle, PATIENT_S).retrieve("car", depth=3)


def test_the_vector_of_a_repeated_query_is_cached(retriever: ConceptRetriever) -> None:
    neighbours = VectorSearch(retriever, PATIENT_S).retrieve("trees", depth=3)
    before = retriever.stub.n_texts
    assert VectorSearch(retriever).retrieve("trees", depth=3) == neighbours
    assert VectorSearch(retriever).similarities("trees", [key for key, _score in neighbours]) == pytest.approx(
        dict(neighbours)
    )
    assert retriever.stub.n_texts == before
    retriever.stub.query_hash = "other weights"
    VectorSearch(retriever).retrieve("trees", depth=3)
    assert retriever.stub.n_texts == before + 1


def test_the_cache_of_query_vectors_is_bounded(retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.neural.encoding.MAX_QUERY_VECTORS", 2)
    for text in ("trees", "cars", "sea"):
        retriever.query_vector(text, wait_s=PATIENT_S)
    before = retriever.stub.n_texts
    retriever.query_vector("sea")
    assert retriever.stub.n_texts == before
    retriever.query_vector("trees")
    assert retriever.stub.n_texts == before + 1


def test_threads_that_ask_for_one_query_embed_it_once(
    retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()
    encode_queries = retriever.stub.encode_queries

    def encode_slowly(texts: Any) -> Any:
        begun.set()
        may_end.wait(PATIENT_S)
        return encode_queries(texts)

    monkeypatch.setattr(retriever.stub, "encode_queries", encode_slowly)
    retriever.encoder(wait_s=PATIENT_S)
    before = retriever.stub.n_texts
    vectors: list[Any] = []
    threads = [threading.Thread(target=lambda: vectors.append(retriever.query_vector("sea"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert begun.wait(PATIENT_S)
    may_end.set()
    for thread in threads:
        thread.join()
    assert retriever.stub.n_texts == before + 1
    assert [vector.tolist() for vector in vectors] == [vectors[0].tolist()] * 3


def test_a_query_that_could_not_be_embedded_is_tried_again(
    retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_texts: Any) -> Any:
        raise MemoryError

    retriever.encoder(wait_s=PATIENT_S)
    with monkeypatch.context() as broken:
        broken.setattr(retriever.stub, "encode_queries", fail)
        with pytest.raises(MemoryError):
            retriever.query_vector("sea")
    assert retriever.query_vector("sea").shape == retriever.query_vector("car").shape
