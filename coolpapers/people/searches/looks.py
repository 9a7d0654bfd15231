"""What a reader has seen of the results of a saved search, and how many papers are new since.

A look is stored with the search as the newest row that the index had (``row``, with its paper's key, which tells that
the row is of this library) and as a time. The row is exact: all papers of an import have the time at which the import
began, and the index lags behind the library. The time serves where a row is missing, or is another library's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from coolpapers.finding.flags import FlagResolver
from coolpapers.papers.lookup.cached_counts import cached_count
from coolpapers.papers.models import Paper
from coolpapers.people.searches.new_papers import KEYS_AT_ONCE, find_new_papers, first_row_since
from coolpapers.people.state.saved_searches import SavedSearch
from search.engines.registry import search_backend
from search.errors import QuerySyntaxError, QueryTooLarge, SearchError
from search.language.personal import personal_flags

logger = logging.getLogger(__name__)

MAX_COUNTED = 100  # searches whose new papers are counted at once; each takes some milliseconds
# Papers are indexed within a minute of their arrival; those that arrived just before the last look may be unseen.
INDEX_LAG = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class NewCount:
    """Papers of a saved search since the last look. ``n`` is None where they could not be counted.

    ``first_row``: papers from this row number on are new. ``has_more``: n is a lower bound. ``problem`` is for the
    reader.
    """

    n: int | None
    first_row: int
    has_more: bool = False
    problem: str = ""


def present_look() -> Mapping[str, Any]:
    """The look at what the index holds now, as fields of a saved search; empty without an index or papers."""
    try:
        revision = search_backend().revision()
    except SearchError:
        return {}
    rows = Paper.objects.order_by("-pk").values_list("pk", "key", "revision")
    newest = rows.first()
    if newest is not None and newest[2] > revision:  # the index lags; it rarely does, and this walks to its newest row
        newest = rows.filter(revision__lte=revision).first()
    return {"row": newest[0], "paper": newest[1]} if newest else {}


def count_new(
    searches: Sequence[SavedSearch], *, now: datetime, resolve_flag: FlagResolver | None
) -> dict[str, NewCount]:
    """New papers by the id of the search. Of more than MAX_COUNTED searches the others are not counted."""
    rows = first_new_rows(searches, now=now)
    return {
        search.ident: _count(search.query, rows[search.ident], resolve_flag)
        if number < MAX_COUNTED
        else NewCount(None, rows[search.ident])
        for number, search in enumerate(searches)
    }


def first_new_rows(searches: Sequence[SavedSearch], *, now: datetime) -> dict[str, int]:
    """For each search the first row number that its reader has not looked at."""
    rows = dict(Paper.objects.filter(pk__in={search.row for search in searches}).values_list("pk", "key"))
    first_row = cache(first_row_since)  # many searches are saved or looked at together
    return {
        search.ident: search.row + 1
        if search.row and rows.get(search.row) == search.paper
        else first_row(min(search.opened_at, now) - INDEX_LAG)
        for search in searches
    }


def _count(query: str, first_row: int, resolve_flag: FlagResolver | None) -> NewCount:
    try:
        revision = search_backend().revision()
        if personal_flags(query):  # the answer depends on the reader
            return _count_now(query, first_row, resolve_flag)
        name = f"new:{first_row}:{query}"
        return cached_count(name, lambda: _count_now(query, first_row, None), revision=revision)
    except (QuerySyntaxError, QueryTooLarge) as error:
        return NewCount(None, first_row, problem=str(error))
    except SearchError as error:  # without an index the rest of the page still works
        logger.warning("Cannot count new papers of saved searches: %s", error)
        return NewCount(None, first_row)


def _count_now(query: str, first_row: int, resolve_flag: FlagResolver | None) -> NewCount:
    new = find_new_papers(
        query, since=first_row, engine=search_backend(), resolve_flag=resolve_flag, n_at_most=KEYS_AT_ONCE
    )
    return NewCount(len(new.keys), first_row, has_more=new.is_partial)
