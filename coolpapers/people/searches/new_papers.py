"""Saved searches: the query that a page stands for, and what came into the library for it since a moment.

A saved search is text of the query language, so that it can be read, edited and followed as a feed. New papers are
those whose row was made after the moment: a replaced version, or a copy met elsewhere, is no new paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from coolpapers.finding.flags import FlagResolver, resolve_flags
from coolpapers.finding.pages.forms import SearchRequest
from coolpapers.papers.models import Paper
from coolpapers.papers.names.category_sets import EVERYTHING, CategorySet
from search.engines.base import SearchBackend
from search.engines.results import Request
from search.language.parser import parse_leniently, parse_query
from search.language.query import Keys, Node, Or, Range, conjoin
from search.language.unparse import unparse

# Papers asked about at once: a day of all arXiv is 1,500, an engine looks 20,000 keys up in some 20 ms.
KEYS_AT_ONCE = 20_000


# ---- what a page stands for --------------------------------------------------------------------------


def query_of_search(wanted: SearchRequest) -> str:
    """The query that finds what a search page shows: its text as typed, and its facets and days written out."""
    text = " ".join(wanted.text.split())
    filters = [_written(node) for node in wanted.filters.nodes()]
    if not filters:
        return text
    if text and isinstance(parse_leniently(text).root, Or):
        text = f"({text})"
    return " ".join(filter(None, [text, *filters]))


def query_of_categories(categories: CategorySet) -> str:
    """The query of a category list, without its days; "" for the list of everything."""
    query, alternatives = "", [] if categories.steps[0].code == EVERYTHING else [categories.steps[0].code]
    for step in categories.steps[1:]:
        if not step.is_minus:
            alternatives.append(step.code)
            continue
        query = " ".join(filter(None, [_joined(query, alternatives), f"-cat:{step.code}"]))
        alternatives = []
    return _joined(query, alternatives)


def _joined(query: str, alternatives: Sequence[str]) -> str:
    """What a query finds, and everything of some categories."""
    codes = f"cat:{','.join(alternatives)}" if alternatives else ""
    return f"(({query}) OR {codes})" if query and codes else query or codes


def query_of_venue(slug: str, year: int | None) -> str:
    return f'venue:"{slug} {year or ""}'.rstrip() + '"'


def _written(node: Node) -> str:
    text = unparse(node)
    return f"({text})" if isinstance(node, Or) and any(isinstance(child, Range) for child in node.children) else text


# ---- what is new -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Findings:
    """Keys of the new papers that fit, newest first; ``notes`` say what of the query was not understood as meant.

    ``is_partial``: the engine or a limit cut the search short, and there may be more.
    """

    keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_partial: bool = False


def find_new(
    text: str,
    *,
    since: datetime,
    engine: SearchBackend,
    resolve_flag: FlagResolver | None = None,
    n_at_most: int | None = None,
) -> Findings:
    """Papers that came into the library at or after ``since`` and fit the query.

    ``n_at_most`` bounds how many of the newest papers are looked at. All words must fit: a search that finds
    nothing is not relaxed here. Raises QuerySyntaxError, QueryTooLarge for a query that does not parse, and the
    engine's errors.
    """
    query = parse_query(text)
    notes = list(query.notes)
    root = resolve_flags(query.root, resolve_flag, notes)
    found: list[str] = []
    is_partial, n_seen = False, 0
    for keys in _keys_since(since):
        if n_at_most is not None and n_seen >= n_at_most:
            is_partial = True
            break
        n_seen += len(keys)
        result = engine.search(
            conjoin(root, [Keys(frozenset(keys))]), Request(top_k=len(keys), sort="newest", with_total=False)
        )
        found += [hit.key for hit in result.hits]
        is_partial |= result.is_partial
    return Findings(tuple(found), tuple(notes), is_partial)


def _keys_since(since: datetime) -> Iterator[list[str]]:
    """Keys of the papers that came in since, the last to come first, KEYS_AT_ONCE at a time."""
    first = first_row_since(since)
    last: int | None = None
    while True:
        rows = Paper.objects.filter(pk__gte=first).order_by("-pk")
        rows = rows if last is None else rows.filter(pk__lt=last)
        page = list(rows.values_list("pk", "key")[:KEYS_AT_ONCE])
        if page:
            yield [key for _, key in page]
        if len(page) < KEYS_AT_ONCE:
            return
        last = page[-1][0]


def first_row_since(since: datetime) -> int:
    """The lowest row number from which on papers came in at or after ``since``; one past the last where none did.

    Rows are numbered as they come in, so the place is found by halving: some twenty look-ups, where ``created_at``
    would need an index of its own or a walk over every row. Writers at the same time may swap neighbours by
    less than the length of a transaction; callers ask for a little longer ago than they need.
    """
    rows = Paper.objects.order_by("pk")
    ends = rows.values_list("pk", flat=True)
    low, high = ends.first() or 0, (ends.last() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = rows.filter(pk__gte=middle).values_list("pk", "created_at").first()
        if row is None or row[1] >= since:
            high = middle
        else:
            low = row[0] + 1
    return low
