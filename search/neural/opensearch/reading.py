"""Searches in the vectors on the servers. Start at :class:`ServedReader`."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from search.base.aliases import Ranking
from search.engines.opensearch.client import Client
from search.errors import DenseUnavailable, EmbeddingRunning, IndexLocked, IndexMissing, IndexUnavailable, SearchError
from search.neural.opensearch.indices import EMBED, MAX_KEYS, VectorState, code_of, unpack

if TYPE_CHECKING:
    from search.base.aliases import Vectors

# Candidates by their codes, in each segment of each shard; the vectors in float16 give the order. As many as the depth,
# and half as many more, but at least so many: recall@100 of exact search is in bench/figures.toml (opensearch.vectors).
MIN_CANDIDATES = 320
MAX_CANDIDATES = 10_000
# Vectors that were fetched last, 768 bytes each: feedback and the reranker use those of the search before.
MAX_FETCHED = 8_192
# Papers of one request.
PART_KEYS = 5_000
# Seconds for a request of thousands of vectors or hashes, which no page waits for.
LONG_S = 60.0
_ONLY_FIELDS = {"_source": False, "stored_fields": "_none_", "track_total_hits": False}


class ServedReader:
    """The vectors of one state of the index; a :class:`search.neural.readers.VectorReader`."""

    former = None  # vectors of another encoder are not read

    def __init__(self, client: Client, state: VectorState) -> None:
        self.client = client
        self.state = state
        self._fetched: OrderedDict[str, Vectors | None] = OrderedDict()  # None: a paper without a vector
        self._lock = threading.Lock()

    # ---- what searches ask ----------------------------------------------------------------------

    def nearest(self, query: Vectors, *, depth: int, min_score: float, among: Collection[str] | None = None) -> Ranking:
        with as_dense_unavailable():
            (answer,) = self._search([self._near(query, depth, among)])
        return self._ranking(answer, query, depth=depth, min_score=min_score)

    def vectors_of(self, keys: Sequence[str]) -> tuple[list[str], Vectors]:
        with as_dense_unavailable():
            stored = self._known(keys)
            missing = [key for key in dict.fromkeys(keys) if key not in stored]
            for answer in self._search(self._of_keys(missing)):
                self._read(answer)
            stored |= self._remember_missing(missing)
        return self._in_order(keys, stored)

    def nearest_and_vectors_of(
        self, query: Vectors, keys: Sequence[str], *, depth: int, min_score: float
    ) -> tuple[Ranking, tuple[list[str], Vectors]]:
        with as_dense_unavailable():
            stored = self._known(keys)
            missing = [key for key in dict.fromkeys(keys) if key not in stored]
            near, *others = self._search([self._near(query, depth, None), *self._of_keys(missing)])
            ranking = self._ranking(near, query, depth=depth, min_score=min_score)
            for answer in others:
                self._read(answer)
            stored |= self._remember_missing(missing)
        return ranking, self._in_order(keys, stored)

    # ---- what updates and checks ask ------------------------------------------------------------

    def count(self) -> int:
        """The number of papers with a vector."""
        with as_dense_unavailable():
            return int(self.client.request("GET", f"/{self.state.name}/_count")["count"])

    def keys(self) -> list[str]:
        """All papers that have a vector."""
        with as_dense_unavailable():
            return [fields["key"][0] for fields in self.client.scroll(self.state.name, ["key"])]

    def all_text_hashes(self) -> set[str]:
        """The hashes of all embedded texts, in hexadecimal."""
        with as_dense_unavailable():
            return {fields["text"][0] for fields in self.client.scroll(self.state.name, ["text"])}

    def text_hashes(self, keys: Sequence[str]) -> dict[str, str]:
        """The hash of the embedded text of each paper that has a vector, in hexadecimal."""
        hashes = {}
        with as_dense_unavailable():
            for part in _terms("key", keys, ["key", "text"]):
                (answer,) = self._search([part], timeout_s=LONG_S)
                hashes.update({fields["key"][0]: fields["text"][0] for fields in _fields(answer)})
        return hashes

    def vectors_of_texts(self, hashes: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of those texts that have one, by hash in hexadecimal."""
        stored: dict[str, Vectors] = {}
        with as_dense_unavailable():
            for part in _terms("text", hashes, ["text", "exact"]):
                (answer,) = self._search([part], timeout_s=LONG_S)
                fields = list(_fields(answer))
                vectors = unpack([each["exact"][0] for each in fields], self.state.dim)
                stored.update(zip((each["text"][0] for each in fields), vectors, strict=True))
        return stored

    def sample(self, size: int) -> Vectors:
        """``size`` vectors, evenly spread and deterministic, float32 (n, dim): those with the least hashes."""
        body = {"size": min(size, MAX_CANDIDATES), "sort": [{"text": "asc"}], "docvalue_fields": ["exact"]}
        with as_dense_unavailable():
            (answer,) = self._search([body], timeout_s=LONG_S)
            return unpack([fields["exact"][0] for fields in _fields(answer)], self.state.dim)

    # ---- private --------------------------------------------------------------------------------

    def _search(self, bodies: Iterable[Mapping[str, Any]], *, timeout_s: float | None = None) -> list[dict[str, Any]]:
        complete = [{**body, **_ONLY_FIELDS} for body in bodies]
        if not complete:
            return []
        return self.client.search_many(self.state.name, complete, is_scored=False, timeout_s=timeout_s)

    def _near(self, query: Vectors, depth: int, among: Collection[str] | None) -> dict[str, Any]:
        n_candidates = min(max(MIN_CANDIDATES, depth + depth // 2), MAX_CANDIDATES)
        nearest: dict[str, Any] = {"vector": code_of(query), "k": n_candidates}
        if among is not None:
            keys = sorted(among)
            parts = [keys[start : start + MAX_KEYS] for start in range(0, len(keys), MAX_KEYS)] or [[]]
            nearest["filter"] = {"bool": {"should": [{"terms": {"key": part}} for part in parts]}}
        return {"size": n_candidates, "query": {"knn": {"code": nearest}}, "docvalue_fields": ["key", "exact"]}

    def _of_keys(self, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
        return _terms("key", keys, ["key", "exact"])

    def _ranking(self, answer: dict[str, Any], query: Vectors, *, depth: int, min_score: float) -> Ranking:
        keys, vectors = self._read(answer)
        scores = (vectors @ query).tolist()
        ranking = sorted(zip(keys, scores, strict=True), key=lambda item: (-item[1], item[0]))
        return [(key, score) for key, score in ranking[:depth] if score >= min_score]

    def _read(self, answer: dict[str, Any]) -> tuple[list[str], Vectors]:
        """The keys and vectors of an answer, which are kept."""
        fields = list(_fields(answer))
        keys = [str(each["key"][0]) for each in fields]
        vectors = unpack([each["exact"][0] for each in fields], self.state.dim)
        with self._lock:
            self._fetched.update(zip(keys, vectors, strict=True))
        return keys, vectors

    def _known(self, keys: Sequence[str]) -> dict[str, Vectors | None]:
        with self._lock:
            known = {key: self._fetched[key] for key in keys if key in self._fetched}
            for key in known:
                self._fetched.move_to_end(key)
        return known

    def _remember_missing(self, keys: Sequence[str]) -> dict[str, Vectors | None]:
        """What is known of papers that have just been asked for; forgets the oldest ones."""
        with self._lock:
            stored = {key: self._fetched.setdefault(key, None) for key in keys}
            while len(self._fetched) > MAX_FETCHED:
                self._fetched.popitem(last=False)
        return stored

    def _in_order(self, keys: Sequence[str], stored: Mapping[str, Vectors | None]) -> tuple[list[str], Vectors]:
        import numpy as np

        pairs = [(key, vector) for key in keys if (vector := stored[key]) is not None]
        vectors = [vector for _, vector in pairs]
        table = np.stack(vectors) if vectors else np.zeros((0, self.state.dim), dtype=np.float32)
        return [key for key, _ in pairs], table


@contextmanager
def as_dense_unavailable() -> Iterator[None]:
    """Errors of the servers as the one that ranking expects."""
    try:
        yield
    except IndexMissing as exc:
        raise DenseUnavailable(f"there are no vectors on the OpenSearch servers; {EMBED}") from exc
    except IndexUnavailable as exc:
        raise DenseUnavailable(f"{exc} ({cure_of(exc)})", is_transient=exc.is_transient) from exc
    except IndexLocked as exc:
        raise EmbeddingRunning(str(exc)) from exc
    except DenseUnavailable:
        raise
    except SearchError as exc:
        raise DenseUnavailable(str(exc)) from exc


def cure_of(error: IndexUnavailable) -> str:
    """What an administrator does about it; where words would be rebuilt, papers are embedded."""
    return error.cure.replace("rebuild_index", "embed_papers")


def _terms(field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Searches for all documents with one of the values in a field, in parts."""
    for start in range(0, len(values), PART_KEYS):
        part = list(values[start : start + PART_KEYS])
        # A text may have several papers: some more than asked for.
        size = len(part) if field == "key" else MAX_CANDIDATES
        yield {
            "size": size,
            "query": {"constant_score": {"filter": {"terms": {field: part}}}},
            "sort": ["_doc"],
            "docvalue_fields": list(fields),
        }


def _fields(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The fields of each hit. Raises IndexUnavailable if a shard failed: fewer vectors must not pass for all."""
    failed = answer["_shards"]["failed"]
    if failed or answer.get("timed_out"):
        message = f"OpenSearch found only a part of the vectors ({failed} shards failed)."
        raise IndexUnavailable(message, cure="wait, or check the health of the cluster", is_transient=True)
    return (hit["fields"] for hit in answer["hits"]["hits"])
