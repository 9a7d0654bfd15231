"""One page of a list of a set of categories and a range of days, in time that hardly grows with the library.

Two ways of reading, by the sort:

- By day, the counts of the list's days say which days hold the page. Only their papers are read, from the index of
  categories and days, wherever in the list the page is.
- By title or update, all papers are walked in that order, along an index, until the page is full. That fits sets that
  hold much of the library; of others all members are gathered and sorted. Walking ends at a bound, in case the members
  stand together late in the order.

Start at :func:`page_of_range`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from coolpapers.papers.lookup.selectors import (
    DayCount,
    count_days,
    count_papers,
    matching,
    page_of,
    papers_between,
    papers_by_pks,
    sorted_papers,
    within_days,
)
from coolpapers.papers.models import Category, DateOrFirst, Paper, PaperCategory, TitleStart
from coolpapers.papers.names.category_sets import EVERYTHING, CategorySet, Step

_KEYS = {"title": TitleStart("title"), "updated": DateOrFirst("updated")}
# To gather and sort a paper costs about as much as to pass one and a half by: 2 to 10 µs (its row is read) and 3 µs.
_GATHERED_COST = 1.5
_SPARE = 200  # papers walked beyond twice the number that are expected to hold the page
_ALL_DATED = CategorySet((Step(EVERYTHING),))


@dataclass(frozen=True, slots=True)
class ListedRange:
    """The papers of a set from ``first`` to ``last`` (None: an open end), with the counts of its days, newest first."""

    categories: CategorySet
    days: Sequence[DayCount]
    first: date | None = None
    last: date | None = None

    def counted(self) -> list[DayCount]:
        """The days of the range, newest first."""
        return [one for one in self.days if (self.first or one.day) <= one.day <= (self.last or one.day)]


def page_of_range(listed: ListedRange, sort: str, *, start: int, size: int, revision: int) -> list[Paper]:
    """The page of ``size`` papers after the first ``start``. ``sort``: as for :func:`.selectors.sorted_papers`."""
    is_whole = listed.first is None and listed.last is None  # the list of a set without dated papers
    if not is_whole and sort not in _KEYS:
        return _page_by_day(listed, sort, start, size)
    pks = None if is_whole else _walk(listed, sort, start, size, revision=revision)
    if pks is None:
        gathered = papers_between(listed.categories, listed.first, listed.last)
        return page_of(sorted_papers(gathered, sort), start, size)
    return papers_by_pks(pks)


# ---- by day ------------------------------------------------------------------------------------------


def _page_by_day(listed: ListedRange, sort: str, start: int, size: int) -> list[Paper]:
    counted = listed.counted()
    days = days_of_page(reversed(counted) if sort == "oldest" else counted, start, size)
    if days is None:
        return []
    first, last = sorted((days.first, days.last))
    papers = papers_between(listed.categories, first, last)
    return page_of(sorted_papers(papers, sort), start - days.n_before, size)


@dataclass(frozen=True, slots=True)
class PageDays:
    """The days that a page begins and ends on, and the papers of the list before the first of them."""

    first: date
    last: date
    n_before: int


def days_of_page(days: Iterable[DayCount], start: int, size: int) -> PageDays | None:
    """The days, in the order of the list, that hold its papers from ``start`` on; None behind its end."""
    begin, last, n_before, n_seen = None, None, 0, 0
    for day, n_papers in days:
        if begin is None and n_seen + n_papers > start:
            begin, n_before = day, n_seen
        last, n_seen = day, n_seen + n_papers
        if n_seen >= start + size:
            break
    return None if begin is None or last is None else PageDays(begin, last, n_before)


# ---- along an index ----------------------------------------------------------------------------------


def _walk(listed: ListedRange, sort: str, start: int, size: int, *, revision: int) -> list[int] | None:
    """Row numbers of the page; None where walking costs more than gathering, or has not found them in time."""
    counted = listed.counted()
    n_members = sum(n_papers for _day, n_papers in counted)
    n_wanted = min(start + size, n_members)
    if n_wanted <= start:
        return []
    n_passed = n_wanted * count_papers(revision=revision) // n_members
    n_before = _count_after(listed.last, revision=revision) if sort == "updated" else 0
    if n_passed + n_before > _GATHERED_COST * n_members:
        return None
    papers = _bounded(sort, 2 * n_passed + n_before + _SPARE).filter(_membership(listed))
    pks = list(sorted_papers(papers, sort).values_list("pk", flat=True)[start:n_wanted])
    return pks if len(pks) == n_wanted - start else None


def _count_after(last: date | None, *, revision: int) -> int:
    """Papers announced after a range: most were also updated later, so a walk by update passes them first."""
    if last is None:
        return 0
    return sum(n_papers for day, n_papers in count_days(_ALL_DATED, revision=revision) if day > last)


def _bounded(sort: str, n_papers: int) -> QuerySet[Paper]:
    """About the first ``n_papers`` of all papers in the order of the sort; all of the same title or day are in."""
    papers, key = Paper.objects.all(), _KEYS[sort]
    bound = sorted_papers(papers, sort).values_list(key, flat=True)[n_papers : n_papers + 1].first()
    if bound is None:
        return papers
    return papers.filter(LessThanOrEqual(key, bound) if sort == "title" else GreaterThanOrEqual(key, bound))


def _membership(listed: ListedRange) -> Q:
    """The condition for a paper of the list that keeps the database to the index of the sort.

    A bare condition on the papers' day would offer another index.
    """
    span = within_days(listed.first, listed.last)

    def is_member(categories: QuerySet[Category]) -> Q:
        return Q(Exists(PaperCategory.objects.filter(span, paper=OuterRef("pk"), category__in=categories)))

    day = DateOrFirst("announced")
    dated = Q(GreaterThanOrEqual(day, listed.first or date.min), LessThanOrEqual(day, listed.last or date.max))
    return matching(listed.categories, is_member, dated=dated)
