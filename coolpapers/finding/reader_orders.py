"""Sorts of a search that depend on readers: by stars, or by the reader's own preference. Start at :func:`order_of`.

An engine knows neither. Each order fetches the hits that come first, and then the others in the search's own order, so
that paging reaches the last hit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from coolpapers.papers.lookup.readers import PREFERENCE_DEPTH, current_readers, most_starred_first
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.forms import first_new_row
from search.engines.results import Hit
from search.language.query import Keys, Node, Not

# The search with further conditions: (conditions, start, top_k) → hits in the search's own order.
Fetch = Callable[[Sequence[Node], int, int], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class OrderedHits:
    """One page, and notes for the reader."""

    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()


NEW_DEPTH = 2_000  # new papers that are put first
HitOrder = Callable[[Fetch, int, int], OrderedHits]


def order_of(sort: str, request: HttpRequest) -> HitOrder | None:
    """The order for a sort of ``readers.READER_SORTS``, or for the news of a followed search; None for the engine's."""
    first_new = first_new_row(request)
    if first_new is not None and sort == "newest":
        return lambda fetch, start, top_k: new_first(fetch, start, top_k, first_new=first_new)
    if sort == "stars":
        return by_stars
    if sort == "preference":
        return lambda fetch, start, top_k: _by_preference(request, fetch, start, top_k)
    return None


def new_first(fetch: Fetch, start: int, top_k: int, *, first_new: int) -> OrderedHits:
    """The hits whose papers have this row number or a later one, then the others; each group in the search's order.

    A paper may be new in the library and have an old date; by date alone it would stand on a late page.
    """
    keys = frozenset(Paper.objects.filter(pk__gte=first_new).order_by("-pk").values_list("key", flat=True)[:NEW_DEPTH])
    if not keys:
        return OrderedHits(tuple(fetch((), start, top_k)))
    new = fetch((Keys(keys),), 0, min(len(keys), NEW_DEPTH))
    page = list(new[start : start + top_k])
    if len(page) < top_k:
        page += fetch((Not(Keys(keys)),), max(0, start - len(new)), top_k - len(page))
    return OrderedHits(tuple(page))


def by_stars(fetch: Fetch, start: int, top_k: int) -> OrderedHits:
    """All hits, the most starred first; hits without a star follow in the search's order."""
    starred = frozenset(current_readers().starred_keys())
    if not starred:
        return OrderedHits(tuple(fetch((), start, top_k)))
    starred_hits = {hit.key: hit for hit in fetch((Keys(starred),), 0, len(starred))}
    ordered = most_starred_first(list(starred_hits), current_readers().count_stars(list(starred_hits)))
    page = [starred_hits[key] for key in ordered[start : start + top_k]]
    if len(page) < top_k:
        page += fetch((Not(Keys(starred)),), max(0, start - len(ordered)), top_k - len(page))
    return OrderedHits(tuple(page))


def _by_preference(request: HttpRequest, fetch: Fetch, start: int, top_k: int) -> OrderedHits:
    """The first hits in the order of the reader's preference; the others keep the search's order."""
    first_hits = {hit.key: hit for hit in fetch((), 0, PREFERENCE_DEPTH)}
    preferred = current_readers().order(request, list(first_hits))
    page = [first_hits[key] for key in preferred.keys[start : start + top_k]]
    if len(page) < top_k and len(first_hits) == PREFERENCE_DEPTH:
        page += fetch((), max(PREFERENCE_DEPTH, start), top_k - len(page))
    return OrderedHits(tuple(page), preferred.notes)
