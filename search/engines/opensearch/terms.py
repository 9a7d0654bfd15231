"""The words of an index: their frequencies, the words with a prefix, and the papers that contain one."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from search.engines.opensearch.client import Client
from search.engines.opensearch.mapping import PRESENCE
from search.engines.opensearch.translation import escape_pattern

# Document frequencies cached per state of the index, about 200 bytes each.
MAX_FREQUENCIES = 32_768
# Words in one answer; the server makes at most 65,535 buckets.
WORDS_A_REQUEST = 20_000
# Most words with one prefix, the most frequent ones.
MAX_WORDS = 50_000


class Frequencies:
    """The numbers of documents with a token, cached for one state of the index: queries share most of their words."""

    def __init__(self, client: Client, index: str) -> None:
        self.client = client
        self.index = index
        self._state: object = None
        self._counts: dict[tuple[str, str], int] = {}
        self._n_documents: int | None = None
        self._lock = threading.Lock()

    def of(self, state: object, tokens: Iterable[tuple[str, str]]) -> tuple[dict[tuple[str, str], int], int]:
        """The frequency of each (stream, token), and the number of documents."""
        with self._lock:
            if state != self._state or len(self._counts) > MAX_FREQUENCIES:
                self._state, self._counts, self._n_documents = state, {}, None
            counts, n_documents = self._counts, self._n_documents
        asked = dict.fromkeys(tokens)
        missing = [pair for pair in asked if pair not in counts]
        if missing or n_documents is None:
            terms: list[dict[str, Any]] = [{"term": {stream: {"value": token}}} for stream, token in missing]
            n_documents, *new = self._count([{"match_all": {}}, *terms])
            with self._lock:
                counts.update(zip(missing, new, strict=True))
                if counts is self._counts:
                    self._n_documents = n_documents
        return {pair: counts[pair] for pair in asked}, n_documents

    def _count(self, queries: list[dict[str, Any]]) -> list[int]:
        bodies = [{"query": query, "size": 0, "track_total_hits": True} for query in queries]
        return [int(answer["hits"]["total"]["value"]) for answer in self.client.search_many(self.index, bodies)]


def words_with_prefix(
    client: Client, index: str, stream: str, prefix: str, *, limit: int | None
) -> list[tuple[str, int]]:
    """The tokens of a stream that begin with a prefix, with the number of documents of each; see ``SearchBackend``."""
    if not prefix and limit is None:
        return _all_words(client, index, stream)
    size = min(limit if limit is not None else MAX_WORDS, MAX_WORDS)
    # One more, because the mark of presence is in every document.
    terms: dict[str, Any] = {"field": stream, "size": size + 1, "order": {"_count": "desc"}}
    if prefix:
        terms["include"] = f"{escape_pattern(prefix)}.*"
    return _buckets(client.search(index, {"size": 0, "aggs": {"words": {"terms": terms}}}))[:size]


def keys_with(client: Client, index: str, stream: str, token: str, *, limit: int) -> list[str]:
    """Keys of at most ``limit`` documents that have a token in a stream."""
    if limit < 1:
        return []
    body = {
        "query": {"constant_score": {"filter": {"term": {stream: {"value": token}}}}},
        "docvalue_fields": ["key"],
        "size": min(limit, 10_000),
        "track_total_hits": False,
        "_source": False,
        "stored_fields": "_none_",
    }
    return [str(hit["fields"]["key"][0]) for hit in client.search(index, body)["hits"]["hits"]]


def _all_words(client: Client, index: str, stream: str) -> list[tuple[str, int]]:
    """Every word of a stream, in parts of words with the same hash."""
    estimate = {"size": 0, "aggs": {"n": {"cardinality": {"field": stream}}}}
    answer = client.search(index, estimate)
    n_words = int(answer.get("aggregations", {}).get("n", {}).get("value", 0))
    n_parts = 1 + int(1.3 * n_words) // WORDS_A_REQUEST
    words: list[tuple[str, int]] = []
    for part in range(n_parts):
        include = {"partition": part, "num_partitions": n_parts}
        terms = {"field": stream, "size": 2 * WORDS_A_REQUEST, "include": include}
        words.extend(_buckets(client.search(index, {"size": 0, "aggs": {"words": {"terms": terms}}})))
    return words


def _buckets(answer: dict[str, Any]) -> list[tuple[str, int]]:
    buckets = answer.get("aggregations", {}).get("words", {}).get("buckets", ())
    return [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets if bucket["key"] != PRESENCE]
