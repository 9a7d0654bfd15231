"""Hits of a search in an order that readers give them: by stars, or by the preference of the one who asks.

An engine knows neither. Each order asks the search again, for the hits that stand first and for those that follow in
the search's own order, so that paging goes on to the last hit and nothing is left out. Start at :func:`order_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from coolpapers.papers.lookup.readers import PREFERENCE_DEPTH, current_readers, most_starred_first
from search.engines.results import Hit
from search.language.query import Keys, Node, Not

# The search, asked for hits that keep further conditions: (conditions, start, top_k) → hits in its own order.
Fetch = Callable[[Sequence[Node], int, int], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class OrderedHits:
    """One page, and notes for the reader."""

    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()


HitOrder = Callable[[Fetch, int, int], OrderedHits]


def order_of(sort: str, request: HttpRequest) -> HitOrder | None:
    """The order of a sort in ``readers.READER_SORTS``; None for a sort that the engine knows."""
    if sort == "stars":
        return by_stars
    if sort == "preference":
        return lambda fetch, start, top_k: _by_preference(request, fetch, start, top_k)
    return None


def by_stars(fetch: Fetch, start: int, top_k: int) -> OrderedHits:
    """All hits, the most starred first; those that nobody starred follow in the search's order."""
    starred = frozenset(current_readers().starred_keys())
    if not starred:
        return OrderedHits(tuple(fetch((), start, top_k)))
    found = {hit.key: hit for hit in fetch((Keys(starred),), 0, len(starred))}
    ordered = most_starred_first(list(found), current_readers().count_stars(list(found)))
    page = [found[key] for key in ordered[start : start + top_k]]
    if len(page) < top_k:
        page += fetch((Not(Keys(starred)),), max(0, start - len(ordered)), top_k - len(page))
    return OrderedHits(tuple(page))


def _by_preference(request: HttpRequest, fetch: Fetch, start: int, top_k: int) -> OrderedHits:
    """The first hits by the reader's preference; what comes after them keeps the search's order."""
    found = {hit.key: hit for hit in fetch((), 0, PREFERENCE_DEPTH)}
    preferred = current_readers().order(request, list(found))
    page = [found[key] for key in preferred.keys[start : start + top_k]]
    if len(page) < top_k and len(found) == PREFERENCE_DEPTH:
        page += fetch((), max(PREFERENCE_DEPTH, start), top_k - len(page))
    return OrderedHits(tuple(page), preferred.notes)
