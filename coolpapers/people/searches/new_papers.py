"""Papers that match a query and are new since a given time. Start at :func:`find_new_papers`.

A paper is new if its row was created after that time: a new version, or a copy from another source, is no new paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from coolpapers.finding.flags import FlagResolver, resolve_flags
from coolpapers.papers.models import Paper
from search.engines.base import SearchBackend
from search.engines.results import Request
from search.language.parser import parse_query
from search.language.query import Keys, conjoin

# Papers per request to the engine: a day of all arXiv has 1,500; an engine filters by 20,000 keys in some 20 ms.
KEYS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class NewPapers:
    """Keys of the matching new papers, newest first; ``notes`` are the parser's remarks on the query.

    ``is_partial``: the engine or a limit ended the search early; there may be more.
    """

    keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_partial: bool = False


def find_new_papers(
    text: str,
    *,
    since: datetime | int,
    engine: SearchBackend,
    resolve_flag: FlagResolver | None = None,
    n_at_most: int | None = None,
) -> NewPapers:
    """Papers that match the query and arrived at or after ``since``, a time or the first row number that is new.

    ``n_at_most`` limits how many of the newest papers are searched. All words must match: a query without hits is not
    relaxed. Raises QuerySyntaxError, QueryTooLarge for an invalid query, and the engine's errors.
    """
    query = parse_query(text)
    notes = list(query.notes)
    root = resolve_flags(query.root, resolve_flag, notes)
    matches: list[str] = []
    is_partial, n_searched = False, 0
    first_row = since if isinstance(since, int) else first_row_since(since)
    for keys in _keys_from(first_row):
        if n_at_most is not None and n_searched >= n_at_most:
            is_partial = True
            break
        n_searched += len(keys)
        batch_query = conjoin(root, [Keys(frozenset(keys))])
        result = engine.search(batch_query, Request(top_k=len(keys), sort="newest", with_total=False))
        matches += [hit.key for hit in result.hits]
        is_partial |= result.is_partial
    return NewPapers(tuple(matches), tuple(notes), is_partial)


def _keys_from(first: int) -> Iterator[list[str]]:
    """Keys of the papers from this row number on, newest first, in batches of KEYS_AT_ONCE."""
    last: int | None = None
    while True:
        rows = Paper.objects.filter(pk__gte=first).order_by("-pk")
        rows = rows if last is None else rows.filter(pk__lt=last)
        batch = list(rows.values_list("pk", "key")[:KEYS_AT_ONCE])
        if batch:
            yield [key for _, key in batch]
        if len(batch) < KEYS_AT_ONCE:
            return
        last = batch[-1][0]


def first_row_since(since: datetime) -> int:
    """The lowest row number of the papers that arrived at or after ``since``; one past the last row if there are none.

    Row numbers increase with arrival, so a binary search finds the place in some twenty look-ups; ``created_at`` would
    need an index or a full scan. Concurrent writers may swap neighbours by less than the length of a transaction;
    callers therefore pass a slightly earlier time than they need.
    """
    rows = Paper.objects.order_by("pk")
    numbers = rows.values_list("pk", flat=True)
    low, high = numbers.first() or 0, (numbers.last() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = rows.filter(pk__gte=middle).values_list("pk", "created_at").first()
        if row is None or row[1] >= since:
            high = middle
        else:
            low = row[0] + 1
    return low
