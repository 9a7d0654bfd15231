"""What a list's address may ask for, read with good will: a wrong value gives a note, never an error page."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coolpapers.papers.lookup.readers import READER_SORTS
from coolpapers.papers.pages.paging import MAX_PAGE_SIZE

# Sorts of a list, by the name in the address.
LIST_SORTS = {
    "newest": gettext_lazy("Newest"),
    "oldest": gettext_lazy("Oldest"),
    "updated": gettext_lazy("Updated"),
    "title": gettext_lazy("Title"),
    **READER_SORTS,
}
VENUE_SORTS = {
    "track": gettext_lazy("Track"),
    "title": gettext_lazy("Title"),
    **READER_SORTS,
}
# What a form for a range of days says anew.
RANGE_PARAMETERS = ("date", "from", "to", "skip", "start")
MAX_SKIP = 2**62  # SQLite's OFFSET is a signed 64-bit number


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One page of a list as asked for. ``notes`` say what was read differently from how it was written."""

    start: int
    size: int
    sort: str = ""
    day: date | None = None
    first_day: date | None = None
    last_day: date | None = None
    group: str = ""
    notes: tuple[str, ...] = ()

    @property
    def has_range(self) -> bool:
        return self.first_day is not None or self.last_day is not None


def read_list_request(parameters: Mapping[str, str]) -> ListRequest:
    """Read ``date, from, to, show, skip, sort, group`` of a list's address."""
    notes: list[str] = []
    day, day_end = read_date(parameters.get("date", ""), notes), read_date(parameters.get("date", ""), [], is_end=True)
    first, last = read_range(parameters, notes)
    if day != day_end:  # a month or a year
        day, first, last = None, first or day, last or day_end
    start, size = read_slice(parameters, notes)
    sort = parameters.get("sort", "")
    if sort and sort not in LIST_SORTS and sort not in VENUE_SORTS:
        notes.append(_("Unknown sort order “%(sort)s”.") % {"sort": sort[:40]})
        sort = ""
    group = parameters.get("group", "").replace("\0", "").strip()[:60]
    return ListRequest(
        start=start, size=size, sort=sort, day=day, first_day=first, last_day=last, group=group, notes=tuple(notes)
    )


def kept_parameters(parameters: QueryDict, *, without: Collection[str]) -> list[tuple[str, str]]:
    """Names and values of an address's query that a form on its page sends along."""
    return [(name, value) for name, values in parameters.lists() if name not in without for value in values]


def first_new_row(request: HttpRequest) -> int | None:
    """The first row number that the address calls new (``new=98457``); None where it does not."""
    text = request.GET.get("new", "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def read_slice(parameters: Mapping[str, str], notes: list[str]) -> tuple[int, int]:
    """Start and size of the page from ``skip`` (or ``start``) and ``show``."""
    skip = parameters.get("skip") or parameters.get("start") or ""
    start = _read_count(skip, 0, notes)
    size = _read_count(parameters.get("show", ""), settings.PAGE_SIZE, notes)
    return min(start, MAX_SKIP), max(1, min(size, MAX_PAGE_SIZE))


def _read_count(text: str, default: int, notes: list[str]) -> int:
    if not text.strip():
        return default
    if re.fullmatch(r"[0-9]{1,30}", text.strip()):
        return int(text)
    notes.append(_("“%(text)s” is not a whole number.") % {"text": text[:40]})
    return default


def read_range(parameters: Mapping[str, str], notes: list[str]) -> tuple[date | None, date | None]:
    """Both ends of ``from`` and ``to``, in order."""
    first = read_date(parameters.get("from", ""), notes)
    last = read_date(parameters.get("to", ""), notes, is_end=True)
    if first and last and first > last:
        notes.append(_("The date range ended before it started; its ends were swapped."))
        first, last = last, first
    return first, last


def read_date(text: str, notes: list[str], *, is_end: bool = False) -> date | None:
    """Read ``2024-05-31``, ``2024-05`` or ``2024``; the short forms mean their first day, or last where ``is_end``."""
    text = text.strip()
    if not text:
        return None
    found = re.fullmatch(r"([0-9]{4})(?:-?([0-9]{1,2})(?:-?([0-9]{1,2}))?)?", text)
    try:
        if found is None:
            raise ValueError(text)
        return _make_date(*(int(part) if part else None for part in found.groups()), is_end=is_end)
    except ValueError:
        notes.append(_("“%(text)s” is not a date; write it as 2024-05-31.") % {"text": text[:40]})
        return None


def _make_date(year: int | None, month: int | None, day: int | None, *, is_end: bool) -> date:
    """A date from its parts, missing ones filled up from the start or the end. Raises ValueError."""
    year = year or 0
    if day is not None and month is not None:
        return date(year, month, day)
    if not is_end:
        return date(year, month or 1, 1)
    if month in (None, 12):
        return date(year, 12, 31)
    return date.fromordinal(date(year, int(month) + 1, 1).toordinal() - 1)
