from __future__ import annotations

import numpy as np
import pytest

from search.neural.opensearch.indices import LAYOUT, VectorIndices, VectorState, code_of, document, index_body, unpack
from tests.opensearch_server import needs_opensearch
from tests.search.neural.opensearch.conftest import MakeRetriever

RNG = np.random.default_rng(0)


def unit(dim: int) -> np.ndarray:
    vector = RNG.normal(size=dim).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


@pytest.mark.parametrize("dim", [3, 16, 384])
def test_vectors_are_read_back_in_float16(dim: int) -> None:
    vectors = np.stack([unit(dim) for _ in range(4)])
    texts = [str(document("a", b"\x01" * 16, vector)["exact"]).rstrip("=") for vector in vectors]
    np.testing.assert_array_equal(unpack(texts, dim), vectors.astype(np.float16).astype(np.float32))
    assert unpack([], dim).shape == (0, dim)


def test_codes_keep_the_cosines() -> None:
    first, second = unit(384), unit(384)
    codes = [np.array(code_of(vector), dtype=np.float64) for vector in (first, first + second)]
    cosine = codes[0] @ codes[1] / np.linalg.norm(codes[0]) / np.linalg.norm(codes[1])
    expected = first @ (first + second) / np.linalg.norm(first + second)
    assert cosine == pytest.approx(float(expected), abs=2e-3)
    assert max(abs(part) for part in code_of(first)) == 127


def test_a_vector_without_direction_has_a_code_that_the_server_takes() -> None:
    assert code_of(np.zeros(4, dtype=np.float32)) == [1, 0, 0, 0]


def test_the_mapping_has_every_part_of_a_document() -> None:
    body = index_body(16, shards=2, replicas="0-1")
    assert set(document("a", b"\x01" * 16, unit(16))) == set(body["mappings"]["properties"])
    assert body["mappings"]["properties"]["code"]["dimension"] == 16
    assert body["settings"]["index"]["number_of_shards"] == 2


def test_a_state_is_read_as_it_was_written() -> None:
    indices = VectorIndices(None, "papers-vectors", shards=1, replicas="0-1")  # type: ignore[arg-type]
    state = VectorState("papers-vectors-000001", "m", "abc", 16, revision=4, origin="4:x", writer=3, changed=2)
    assert indices.read_meta(state.name, indices.write_meta(state)) == state
    assert indices.write_meta(state)["layout"] == LAYOUT


class TestOnAServer:
    pytestmark = needs_opensearch

    def test_an_unpublished_index_is_found_by_its_encoder_and_others_are_deleted(
        self, make_retriever: MakeRetriever
    ) -> None:
        indices = make_retriever().indices
        first = indices.create(model="m", model_hash="one", dim=4)
        assert indices.of_model("one") == first
        assert indices.of_model("two") is None
        second = indices.create(model="m", model_hash="two", dim=4)
        assert set(indices.own_metas()) == {second.name}
        indices.publish(second)
        third = indices.create(model="m", model_hash="three", dim=4)
        assert set(indices.own_metas()) == {second.name, third.name}
        assert (indices.of_model("three"), indices.newest_state()) == (third, second)
