"""Pages of a list of the database in an order that readers give it. Start at :func:`page_for_reader`."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpRequest

from coolpapers.papers.lookup.readers import PREFERENCE_DEPTH, current_readers, most_starred_first
from coolpapers.papers.lookup.selectors import papers_by_pks
from coolpapers.papers.models import Paper


def page_for_reader(
    request: HttpRequest, papers: QuerySet[Paper], sort: str, *, start: int, size: int
) -> tuple[list[Paper], tuple[str, ...]]:
    """One page of an ordered list, the papers that readers put first before the others, and notes about it.

    ``sort`` is one of ``readers.READER_SORTS``. Stars sort the whole list; a preference its first
    ``PREFERENCE_DEPTH`` papers. No paper is left out by either.
    """
    if sort == "stars":
        first, rest = _by_stars(papers)
        notes: tuple[str, ...] = ()
    else:
        head = dict(papers.values_list("key", "pk")[:PREFERENCE_DEPTH])
        preferred = current_readers().order(request, list(head))
        first, notes = [head[key] for key in preferred.keys], preferred.notes
        rest = papers.values_list("pk", flat=True)[PREFERENCE_DEPTH:]
    return papers_by_pks(_slice(first, rest, start, size)), notes


def _by_stars(papers: QuerySet[Paper]) -> tuple[list[int], QuerySet[Paper, int]]:
    starred = current_readers().starred_keys()
    found = dict(papers.filter(key__in=starred).values_list("key", "pk"))
    ordered = most_starred_first(list(found), current_readers().count_stars(list(found)))
    return [found[key] for key in ordered], papers.exclude(key__in=starred).values_list("pk", flat=True)


def _slice(first: Sequence[int], rest: QuerySet[Paper, int], start: int, size: int) -> list[int]:
    page = list(first[start : start + size])
    if len(page) < size:
        begin = max(0, start - len(first))
        page += rest[begin : begin + size - len(page)]
    return page
