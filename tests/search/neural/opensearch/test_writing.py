"""Updates; what all stores share is in ``vector_contract``."""

from __future__ import annotations

import json

import numpy as np
import pytest

from search.errors import DenseUnavailable
from search.neural.opensearch.writing import _index_action
from tests.opensearch_server import needs_opensearch
from tests.search.neural.opensearch.conftest import MakeRetriever
from tests.search.neural.vector_contract import keys_of, texts_of


def test_a_document_carries_the_number_of_its_writer_as_version() -> None:
    digest = b"\x01" * 16
    action = _index_action("a", digest, {digest: np.ones(4, dtype=np.float32)}, version=6)
    header, source = map(json.loads, action.lines.splitlines())
    assert header == {"index": {"_id": "a", "version": 7, "version_type": "external_gte"}}
    assert (source["key"], source["text"], source["code"]) == ("a", digest.hex(), [127] * 4)


class TestOnAServer:
    pytestmark = needs_opensearch

    def test_chunks_are_on_the_servers_before_the_next_is_embedded(
        self, make_retriever: MakeRetriever, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Memory does not grow with the update: what was embedded is not kept here."""
        monkeypatch.setattr("search.neural.opensearch.writing.CHUNK_TEXTS", 4)
        retriever = make_retriever()
        seen: list[int] = []

        def look(_done: int, _total: int) -> None:
            name = next(iter(retriever.indices.own_metas()))
            retriever.indices.refresh(name)
            seen.append(int(retriever.client.request("GET", f"/{name}/_count", timeout_s=60)["count"]))

        retriever.update(keys_of(10), texts_of(10), removed=(), revision=1, progress=look)
        assert seen == [4, 8, 10]

    def test_an_encoder_of_another_dimension_is_refused(self, make_retriever: MakeRetriever) -> None:
        retriever = make_retriever()
        retriever.update(keys_of(3), texts_of(3), removed=(), revision=1)
        retriever.stub.encode = lambda texts: np.ones((len(texts), 3), dtype=np.float32)  # type: ignore[method-assign]
        with pytest.raises(DenseUnavailable, match="dimension 3"):
            retriever.update(["new"], ["car"], removed=(), revision=2)
        assert (retriever.count(), retriever.revision()) == (3, 1)
