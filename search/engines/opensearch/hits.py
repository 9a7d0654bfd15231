"""Pages of hits in the requested order, near and deep, and the contribution of each word to a score."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_noop

from search.engines import clauses
from search.engines.opensearch.client import Client, to_json
from search.engines.opensearch.facets import facet_requests
from search.engines.opensearch.mapping import MAX_WINDOW
from search.engines.opensearch.translation import Query, Translator
from search.engines.results import Explanation, Hit, Request, Share
from search.errors import IndexUnavailable

# Each order ends with a key that no two papers share: a date rank contains a hash of the key.
_SORTS: dict[str, list[dict[str, str]]] = {
    "relevance": [{"_score": "desc"}, {"newest": "desc"}],
    "newest": [{"newest": "desc"}],
    "oldest": [{"newest": "asc"}],
    "updated": [{"updated_rank": "desc"}],
}
# For how long the server keeps the state that a deep page is read from.
_KEEP_ALIVE = "1m"
_NO_TEXT = {"_source": False, "stored_fields": "_none_"}


# One page of hits, the total if it was requested, and the answer with the counts of facets.
Page = tuple[tuple[Hit, ...], int | None, dict[str, Any]]


class PageReader:
    """Reads pages of one index or alias. A server that needs longer than ``time_limit_s`` gives up."""

    def __init__(self, client: Client, index: str, *, time_limit_s: float) -> None:
        self.client = client
        self.index = index
        self.time_limit_s = time_limit_s

    def read(self, query: Query, sort: str, request: Request) -> Page:
        """One page of hits."""
        body = self._page_body(query, sort, request)
        # The same query goes to the same copies of the shards: their deleted documents, and so their scores, may
        # differ, and pages must follow each other.
        return self._page(self.client.search(self.index, body, preference=_preference(body)), query, sort, request)

    def read_many(self, searches: Sequence[tuple[Query, str, Request]]) -> list[Page]:
        """One page of hits of each query, sort and request; in one round trip, unless a page is deep."""
        bodies = [self._page_body(*search) for search in searches]
        answers = self.client.search_many(self.index, bodies, preferences=[_preference(body) for body in bodies])
        return [self._page(answer, *search) for answer, search in zip(answers, searches, strict=True)]

    def _page_body(self, query: Query, sort: str, request: Request) -> dict[str, Any]:
        body = self._body(query, sort, request)
        if request.top_k > 0 and _is_near(request):
            return body | {"from": request.start, "size": request.top_k}
        return body | {"size": 0, "track_total_hits": True}

    def _page(self, answer: dict[str, Any], query: Query, sort: str, request: Request) -> Page:
        found = _complete(answer)["hits"].get("total")
        total = int(found["value"]) if found else None
        hits, start, top_k = answer["hits"]["hits"], request.start, max(request.top_k, 0)
        if top_k and not _is_near(request) and total is not None and start < total:
            hits = self._read_deep(self._body(query, sort, request), start, min(top_k, total - start))
        return tuple(_hit(hit, sort) for hit in hits), total if request.with_total else None, answer

    def explain(self, translator: Translator, clause: clauses.Clause, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        """The hits with the contribution of each word: the score that the server gives to that word alone."""
        leaves = clauses.scored_leaves(clause)
        if not hits or not leaves:
            return tuple(Hit(hit.key, hit.score, Explanation(bm25_score=hit.score)) for hit in hits)
        among = [{"terms": {"key": [hit.key for hit in hits]}}]
        bodies = [
            {
                "query": {"bool": {"filter": among, "must": [translator.translate(leaf)]}},
                "docvalue_fields": ["key"],
                "size": len(hits),
                **_NO_TEXT,
            }
            for leaf in leaves
        ]
        shares: dict[str, list[Share]] = {hit.key: [] for hit in hits}
        for leaf, answer in zip(leaves, self.client.search_many(self.index, bodies), strict=True):
            for found in answer["hits"]["hits"]:
                share = Share(leaf.stream, clauses.leaf_text(leaf), float(found["_score"]))
                shares[found["fields"]["key"][0]].append(share)
        return tuple(
            Hit(hit.key, hit.score, Explanation(bm25_score=hit.score, shares=tuple(shares[hit.key]))) for hit in hits
        )

    def _body(self, query: Query, sort: str, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "query": query,
            "sort": _SORTS[sort],
            "docvalue_fields": ["key"],
            "track_total_hits": request.with_total,
            "timeout": f"{max(int(self.time_limit_s * 1000), 1)}ms",
            **_NO_TEXT,
        }
        if request.facets:
            body["aggs"] = facet_requests(request.facets)
        return body

    def _read_deep(self, body: dict[str, Any], start: int, top_k: int) -> list[dict[str, Any]]:
        """Walk to a place beyond the window, on one state of the index, and return the hits from there."""
        body = {**body, "sort": [*body["sort"], {"key": "asc"}], "track_total_hits": False}
        body.pop("aggs", None)
        opened = self.client.request("POST", f"/{self.index}/_search/point_in_time", params={"keep_alive": _KEEP_ALIVE})
        point = {"id": opened["pit_id"], "keep_alive": _KEEP_ALIVE}
        params = {"search_type": "dfs_query_then_fetch", "allow_partial_search_results": "false"}
        collected: list[dict[str, Any]] = []
        place = 0
        try:
            while place < start + top_k:
                size = min(start - place, MAX_WINDOW) if place < start else min(start + top_k - place, MAX_WINDOW)
                step = {**body, "pit": point, "size": size}
                hits = _complete(self.client.request("POST", "/_search", step, params=params))["hits"]["hits"]
                if not hits:
                    break
                if place >= start:
                    collected.extend(hits)
                place += len(hits)
                body["search_after"] = hits[-1]["sort"]
        finally:
            self.client.request("DELETE", "/_search/point_in_time", {"pit_id": [point["id"]]})
        return collected


def _is_near(request: Request) -> bool:
    return request.start + max(request.top_k, 0) <= MAX_WINDOW


def _preference(body: dict[str, Any]) -> str:
    return f"q{zlib.crc32(to_json(body['query'])):08x}"


def _complete(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, unless shards failed or the time was up: fewer hits than there are must not pass for all."""
    failed = answer["_shards"]["failed"]
    if answer.get("timed_out") or failed:
        reason = f"{failed} shards failed" if failed else "the search took too long"
        message = f"OpenSearch found only a part of the hits: {reason}."
        raise IndexUnavailable(
            message, cure=gettext_noop("wait, or check the health of the cluster"), is_transient=True
        )
    return answer


def _hit(found: dict[str, Any], sort: str) -> Hit:
    score = float(found["sort"][0]) if sort == "relevance" else 0.0
    return Hit(key=str(found["fields"]["key"][0]), score=score)
