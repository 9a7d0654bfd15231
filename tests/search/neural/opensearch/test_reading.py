from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from search.engines.opensearch.client import Client, Servers
from search.errors import DenseUnavailable, IndexLocked, IndexMissing, IndexUnavailable, IndexUnwritable
from search.neural.opensearch import reading
from search.neural.opensearch.indices import VectorState, pack
from search.neural.opensearch.reading import ServedReader, as_dense_unavailable

STATE = VectorState("papers-vectors-000001", "m", "abc", 4)
QUERY = np.array([1, 0, 0, 0], dtype=np.float32)


def hit(key: str, *parts: float) -> dict[str, Any]:
    return {"fields": {"key": [key], "exact": [pack(np.array(parts, dtype=np.float32))]}}


class Answers(Client):
    """Answers each search of a round trip with the prepared hits."""

    def __init__(self, *hits: list[dict[str, Any]], failed: int = 0) -> None:
        super().__init__(Servers(("http://127.0.0.1:9",)))
        self.hits = list(hits)
        self.failed = failed
        self.bodies: list[list[Any]] = []

    def search_many(self, index: str, bodies: Any, **_options: Any) -> list[dict[str, Any]]:
        self.bodies.append(list(bodies))
        shards = {"failed": self.failed}
        return [{"hits": {"hits": self.hits.pop(0)}, "_shards": shards} for _ in self.bodies[-1]]


def test_candidates_are_ordered_by_their_exact_cosines() -> None:
    client = Answers([hit("far", 0.1, 0.9, 0, 0), hit("near", 0.9, 0.1, 0, 0), hit("b", 0.5, 0, 0, 0)])
    found = ServedReader(client, STATE).nearest(QUERY, depth=2, min_score=0.2)
    assert [key for key, _ in found] == ["near", "b"]
    assert found[0][1] == pytest.approx(0.9, abs=1e-3)


def test_the_candidates_and_other_papers_are_one_round_trip() -> None:
    client = Answers([hit("near", 0.9, 0.1, 0, 0)], [hit("a", 0.3, 0, 0, 0)])
    reader = ServedReader(client, STATE)
    found, (keys, vectors) = reader.nearest_and_vectors_of(QUERY, ["a", "none"], depth=5, min_score=0.0)
    assert ([key for key, _ in found], keys, vectors.shape) == (["near"], ["a"], (1, 4))
    assert reader.vectors_of(["none", "near", "a"])[0] == ["near", "a"]
    assert len(client.bodies) == 1


def test_fetched_vectors_are_forgotten_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FETCHED", 2)
    client = Answers([hit(key, 1, 0, 0, 0) for key in "abc"], [hit("a", 1, 0, 0, 0)])
    reader = ServedReader(client, STATE)
    assert reader.vectors_of(["a", "b", "c"])[0] == ["a", "b", "c"]
    assert reader.vectors_of(["a", "c"])[0] == ["a", "c"]
    assert client.bodies[1][0]["query"]["constant_score"]["filter"]["terms"] == {"key": ["a"]}


def test_many_papers_are_asked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PART_KEYS", 2)
    client = Answers([hit("a", 1, 0, 0, 0)], [hit("c", 1, 0, 0, 0)])
    assert ServedReader(client, STATE).vectors_of(["a", "b", "c"])[0] == ["a", "c"]
    assert [body["size"] for body in client.bodies[0]] == [2, 1]


def test_an_answer_of_some_shards_is_an_error_and_not_fewer_vectors() -> None:
    client = Answers([hit("a", 1, 0, 0, 0)], failed=1)
    with pytest.raises(DenseUnavailable, match="only a part") as caught:
        ServedReader(client, STATE).vectors_of(["a"])
    assert caught.value.is_transient


@pytest.mark.parametrize(
    ("error", "message", "is_transient"),
    [
        (IndexMissing("no index"), "run manage.py embed_papers", False),
        (IndexUnavailable("busy", cure="wait", is_transient=True), "busy .wait", True),
        (IndexUnavailable("refused", cure="check the user"), "check the user", False),
        (IndexUnavailable("refused", cure="manage.py rebuild_index"), "manage.py embed_papers", False),
        (IndexLocked("held"), "another process", True),
        (IndexUnwritable("full"), "full", False),
    ],
)
def test_errors_of_the_servers_are_those_of_a_stage(error: Exception, message: str, is_transient: bool) -> None:
    with pytest.raises(DenseUnavailable, match=message) as caught, as_dense_unavailable():
        raise error
    assert caught.value.is_transient == is_transient
