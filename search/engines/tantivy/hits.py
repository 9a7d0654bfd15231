"""Pages of hits: by score with ties broken by date, or by date; and the contribution of each word to a score."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import tantivy
from tantivy import Occur, Order

from search.engines import clauses
from search.engines.results import Explanation, Hit, Request, Share
from search.engines.tantivy.readers import Reader, key_at
from search.engines.tantivy.translation import Translator

# Largest group of equal scores that is sorted; so many hits beyond a page are fetched at most for it.
MAX_TIES = 256
# Hits fetched beyond a page at first: nine groups of equal scores in ten end there.
NEAR_TIES = 12

_SORTS = {
    "newest": ("newest", Order.Desc),
    "oldest": ("newest", Order.Asc),
    "updated": ("updated_rank", Order.Desc),
}
_Scored = list[tuple[float, tantivy.DocAddress]]


def fetch_page(reader: Reader, query: tantivy.Query, sort: str, request: Request) -> tuple[tuple[Hit, ...], int | None]:
    """One page of hits, and the total if ``request`` asks for it."""
    searcher = reader.searcher
    start, top_k = min(request.start, searcher.num_docs), min(request.top_k, searcher.num_docs)
    count = request.with_total
    if top_k < 1 or start >= searcher.num_docs:
        total = searcher.search(query, 1, count=True).count if count else None
        return (), total
    if sort == "relevance":
        scored, total = _search_by_score(searcher, query, start, top_k, count)
    else:
        field, order = _SORTS[sort]
        result = searcher.search(query, top_k, count=count, order_by_field=field, order=order, offset=start)
        scored, total = [(0.0, address) for _, address in result.hits], result.count
    keys = reader.keys_at(address for _, address in scored)
    hits = tuple(Hit(key, score) for key, (score, _) in zip(keys, scored, strict=True))
    return hits, total if count else None


def explain_hits(reader: Reader, clause: clauses.Clause, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The hits with the contribution of each word: the score that the engine gives to that word alone."""
    if not hits:
        return hits
    translator = Translator(reader)
    among = translator.translate(clauses.KeyIn(frozenset(hit.key for hit in hits)))
    shares: dict[str, list[Share]] = {hit.key: [] for hit in hits}
    for leaf in clauses.scored_leaves(clause):
        query = tantivy.Query.boolean_query([(Occur.Must, among), (Occur.Must, translator.translate(leaf))])
        for score, address in reader.searcher.search(query, len(hits), count=False).hits:
            shares[key_at(reader.searcher, address)].append(Share(leaf.stream, clauses.leaf_text(leaf), score))
    return tuple(
        Hit(hit.key, hit.score, Explanation(bm25_score=hit.score, shares=tuple(shares[hit.key]))) for hit in hits
    )


def _search_by_score(
    searcher: tantivy.Searcher, query: tantivy.Query, start: int, top_k: int, count: bool
) -> tuple[_Scored, int | None]:
    """Hits ``start`` to ``start + top_k``, equal scores newest first.

    The window is a few hits wider than the page, because most groups of equal scores are small. If a group reaches the
    edge of the window, more hits are fetched on that side, without fetching any twice: passing a hit to Python takes
    longer than finding it. A group of more than MAX_TIES keeps the engine's order on all pages.
    """
    n_docs = searcher.num_docs
    low, high = max(start - NEAR_TIES, 0), min(start + top_k + NEAR_TIES, n_docs)
    result = searcher.search(query, high - low, count=count, offset=low)
    hits: _Scored = result.hits
    first, n_hits = start - low, min(top_k, len(hits) - (start - low))
    if n_hits < 1:
        return [], result.count
    first_score, last_score = hits[first][0], hits[first + n_hits - 1][0]
    is_end = len(hits) < high - low
    if low and hits[0][0] == first_score:
        begin = max(low - MAX_TIES, 0)
        before = searcher.search(query, low - begin, count=False, offset=begin).hits
        low, first, hits = begin, first + len(before), [*before, *hits]
    if not is_end and hits[-1][0] == last_score:
        after = searcher.search(query, MAX_TIES, count=False, offset=low + len(hits)).hits
        is_end, hits = len(after) < MAX_TIES, [*hits, *after]
    unbounded = {hits[0][0]} if low else set()
    unbounded |= set() if is_end else {hits[-1][0]}
    return _ties_newest_first(searcher, hits, unbounded)[first : first + n_hits], result.count


def _ties_newest_first(searcher: tantivy.Searcher, hits: _Scored, unbounded: set[float]) -> _Scored:
    """The hits, groups of equal scores sorted newest first, except ``unbounded`` groups, which may be incomplete."""
    if all(a[0] != b[0] for a, b in pairwise(hits)):
        return hits
    sizes = Counter(score for score, _ in hits)
    unsorted = unbounded | {score for score, size in sizes.items() if size > MAX_TIES}
    newest = searcher.fast_field_values("newest", [address for _, address in hits])
    ranked = [(-score, 0 if score in unsorted else -when) for (score, _), when in zip(hits, newest, strict=True)]
    return [hits[place] for place in sorted(range(len(hits)), key=ranked.__getitem__)]
