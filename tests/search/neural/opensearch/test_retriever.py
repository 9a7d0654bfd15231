"""Vectors on servers keep the contract of all stores, and degrade as a stage does."""

from __future__ import annotations

from typing import Any

import pytest

from search.errors import DenseUnavailable
from search.neural.vector_search import VectorSearch
from tests.opensearch_server import needs_opensearch
from tests.search.concepts import ConceptRetriever
from tests.search.neural.opensearch.conftest import MakeRetriever
from tests.search.neural.vector_contract import PATIENT_S, VectorContract, keys_of, texts_of

pytestmark = needs_opensearch


class TestServed(VectorContract):
    @pytest.fixture(autouse=True)
    def _served(self, make_retriever: MakeRetriever) -> None:
        self.make_retriever = make_retriever

    @pytest.fixture
    def small_chunks(self, monkeypatch: pytest.MonkeyPatch) -> int:
        monkeypatch.setattr("search.neural.opensearch.writing.CHUNK_TEXTS", 10)
        return 10

    def make(self, **options: Any) -> ConceptRetriever:
        return self.make_retriever(**options)


def test_a_filter_of_more_keys_than_a_clause_takes_is_kept_whole(
    make_retriever: MakeRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    retriever = make_retriever()
    retriever.update(keys_of(8), texts_of(8), removed=(), revision=1)
    monkeypatch.setattr("search.neural.opensearch.reading.MAX_KEYS", 3)
    reader = retriever.reader()
    query = VectorSearch(retriever, PATIENT_S).query_vector("car")
    found = reader.nearest(query, depth=8, min_score=-1.0, among=keys_of(7))
    assert {key for key, _score in found} == set(keys_of(7))


def test_no_file_is_written_here(make_retriever: MakeRetriever) -> None:
    retriever = make_retriever()
    retriever.update(keys_of(5), texts_of(5), removed=(), revision=1)
    assert VectorSearch(retriever, PATIENT_S).retrieve("car", depth=3)
    assert not retriever.path.exists()


def test_vectors_of_a_folder_are_copied_without_the_encoder(make_retriever: MakeRetriever) -> None:
    served = make_retriever()
    local = ConceptRetriever(path=served.path)
    local.update(keys_of(5), texts_of(5), removed=(), revision=1)
    report = served.update(keys_of(6), texts_of(6), removed=(), revision=1)
    assert (report.added, report.embedded, served.stub.n_texts) == (6, 1, 1)
    expected = VectorSearch(local, PATIENT_S).retrieve("car tree", depth=5)
    assert dict(VectorSearch(served, PATIENT_S).retrieve("car tree", depth=6)) | dict(expected) == pytest.approx(
        dict(VectorSearch(served, PATIENT_S).retrieve("car tree", depth=6)), abs=1e-6
    )


def test_a_writer_that_was_held_up_cannot_go_back(make_retriever: MakeRetriever) -> None:
    retriever = make_retriever()
    retriever.update(["a"], ["car"], removed=(), revision=1)
    late, state = make_retriever(), retriever.indices.newest_state()
    retriever.update(["a"], ["ocean"], removed=(), revision=2)
    late.client.request(
        "POST",
        f"/{state.name}/_bulk",
        _old_write(late, version=state.writer),
        params={"refresh": "true"},
        timeout_s=60,
    )
    assert make_retriever().text_hashes(["a"]) == retriever.text_hashes(["a"])
    assert VectorSearch(retriever, PATIENT_S).similarities("ocean", ["a"])["a"] > 0.9


def _old_write(retriever: Any, *, version: int) -> bytes:
    from rerank.artifacts import content_hash
    from search.neural.opensearch.writing import _index_action

    vectors = {content_hash("car"): retriever.stub.encode(["car"])[0]}
    return _index_action("a", content_hash("car"), vectors, version=version).lines


def test_vectors_survive_a_rebuild_of_the_words(make_retriever: MakeRetriever) -> None:
    from search.engines.opensearch import OpenSearchBackend
    from tests.search.make import titled

    retriever = make_retriever()
    words = OpenSearchBackend(urls=retriever.client.servers.urls, index=retriever.alias.removesuffix("-vectors"))
    words.client.servers = retriever.client.servers  # the patience of the tests
    words.rebuild(titled("Graphs"), revision=1)
    retriever.update(keys_of(3), texts_of(3), removed=(), revision=1)
    for revision in (2, 3):
        words.rebuild(titled("Graphs", "Words"), revision=revision)
    assert (words.count(), retriever.count(), make_retriever().count()) == (2, 3, 3)
    retriever.update(keys_of(2), texts_of(2), removed=["p:0002"], revision=4)
    assert (words.count(), words.revision(), retriever.count()) == (2, 3, 2)
    words.client.close()


def test_what_was_fetched_is_not_asked_for_again(
    make_retriever: MakeRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    retriever = make_retriever()
    retriever.update(keys_of(20), texts_of(20), removed=(), revision=1)
    monkeypatch.setattr("search.engines.opensearch.aliases.STATE_AGE_S", 600.0)
    search = VectorSearch(retriever, PATIENT_S)
    _found, cosines = search.retrieve_among("car", keys_of(20), depth=5)
    n_requests = _count_requests(retriever, monkeypatch)
    search.similarities("car", list(cosines), toward=["p:0001"], share=0.4)
    retriever.vectors_of(["p:0003", "p:0004"])
    assert n_requests == []
    search.retrieve_among("cat", ["p:0001", "new"], depth=5)
    assert len(n_requests) == 1


def _count_requests(retriever: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    request = retriever.client.request

    def counted(method: str, path: str, *args: Any, **options: Any) -> Any:
        asked.append(path)
        return request(method, path, *args, **options)

    monkeypatch.setattr(retriever.client, "request", counted)
    return asked


def test_a_server_that_is_down_is_an_outage_and_not_a_library_without_vectors(make_retriever: MakeRetriever) -> None:
    down = make_retriever(servers={"urls": ["http://127.0.0.1:9"]})
    with pytest.raises(DenseUnavailable, match="cannot be reached") as caught:
        VectorSearch(down, PATIENT_S).retrieve("car", depth=3)
    assert caught.value.is_transient
    assert (down.count(), down.has_vectors(), down.damage(), down.revision()) == (0, True, "", 0)
    advice = down.advice()
    assert advice is not None
    assert "COOLPAPERS_OPENSEARCH_URL" in advice[1]
    assert down.identity()
    with pytest.raises(DenseUnavailable, match="cannot be reached"):
        down.update(["a"], ["car"], removed=(), revision=1)


def test_advice_names_another_encoder_and_damage_is_repaired(make_retriever: MakeRetriever) -> None:
    retriever = make_retriever()
    assert retriever.advice() is None
    retriever.update(keys_of(3), texts_of(3), removed=(), revision=1)
    assert (retriever.advice(), retriever.verify()) == (None, [])
    other = make_retriever(hash_of_model="concepts-2").advice()
    assert other is not None
    assert "another encoder" in other[0]
    name = retriever.indices.newest_state().name
    retriever.client.request("PUT", f"/{name}/_mapping", {"_meta": {"application": "coolpapers"}}, timeout_s=60)
    assert "damaged" in retriever.damage()
    with pytest.raises(DenseUnavailable, match=r"run manage\.py embed_papers"):
        VectorSearch(retriever, PATIENT_S).retrieve("car", depth=3)
    retriever.update(keys_of(3), texts_of(3), removed=(), revision=1)
    assert (retriever.damage(), retriever.count()) == ("", 3)
