"""Dates, months, years and ranges as people type them. Pure. Start at :func:`read_span`.

=============================================  ====================================================
``2024``  ``2024-05``  ``2024-05-01``          that year, month, day (also ``2024/05``, ``20240501``)
``2019..2021``  ``2024..``  ``..2024-06``      from the first day of one to the last day of the other
``2019-2021``                                  two years
``[202301010600 TO 202401010600]``             arXiv's API; the time of day is dropped, ``*`` is an open end
``>2020``  ``>=2020``  ``<2020``  ``<=2020``   after, from, before, until
``today``  ``yesterday``                       relative to the argument ``now``
``past week``  ``last 30 days``                the days up to today
``this week``  ``this month``                  from its first day (Monday) up to today
``this year``                                  the whole year
=============================================  ====================================================
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}
MAX_CHARACTERS = 100  # longer than any form above


class DateError(ValueError):
    """The text is not a date; ``cure`` says what to write."""

    def __init__(self, message: str, *, cure: str) -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``start`` to ``end``, both included; None means open.

    ``by_year``: only years were written. ``relative``: the words that the days were computed from, such as "past
    week". ``swapped``: the range ended before it started, and its ends were swapped.
    """

    start: date | None
    end: date | None
    by_year: bool = False
    relative: str = ""
    swapped: bool = False


_YEARS = re.compile(r"(\d{4})\s*[-–—:]\s*(\d{4})", re.ASCII)
_DASHED = re.compile(r"(\d{4,})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?(?:[T ]\d{1,2}:.*)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(?:(\d\d)(?:\d{4}(?:\d\d)?)?)?", re.ASCII)
_BRACKETED = re.compile(r"[\[{]\s*(\S+)\s+TO\s+(\S+)\s*[\]}]", re.IGNORECASE)
_TO = re.compile(r"(\S+)\s+(?:to|TO|until|-|–|—)\s+(\S+)")
_DOTS = re.compile(r"\.{2,}|…|‥")
_COMPARED = re.compile(r"(>=|<=|[<>=≥≤])\s*(.+)")
_RECENT = re.compile(r"(?:past|last|previous)(?: (\d{1,4}))? (day|week|month|year)s?", re.ASCII)
_CURRENT = re.compile(r"this (week|month|year)")


def read_span(text: str, *, now: date) -> Span:
    """The days that a text names; ``now`` is the reader's today.

    Raises
    ------
    DateError
        If the month or day does not exist, the form is unknown, or a range has no ends.
    """
    value = unicodedata.normalize("NFKC", text).strip()
    if len(value) > MAX_CHARACTERS:
        raise _unreadable(value)
    value = re.sub(r"[年月](?=\d)", "-", value).rstrip("年月日号")
    relative = _read_relative(value, now=now)
    if relative:
        return relative
    if match := _BRACKETED.fullmatch(value):
        return _between(match[1], match[2])
    if match := _COMPARED.fullmatch(value):
        return _compared(match[1], match[2])
    if match := _YEARS.fullmatch(value) or _TO.fullmatch(value):
        return _between(match[1], match[2])
    if _DOTS.search(value):
        start, *others = _DOTS.split(value)
        if len(others) != 1:
            raise _unreadable(value)
        return _between(start.strip(), others[0].strip())
    return _period(value)


def is_bare_date(text: str) -> bool:
    """Whether a word beside other words is probably a date: ``2017``, ``2024-05``, ``2024-05-01``."""
    if not re.fullmatch(r"(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?", text, re.ASCII):
        return False
    try:
        _period(text)
    except DateError:
        return False
    return True


def write_span(span: Span) -> str:
    """The shortest text that :func:`read_span` reads as the span."""
    if span.relative:
        return span.relative
    if span.start and span.end:
        year, month = span.start.year, span.start.month
        if span.by_year:
            return f"{year:04}" if year == span.end.year else f"{year:04}..{span.end.year:04}"
        if span.start == span.end:
            return span.start.isoformat()
        if (span.start, span.end) == _month(year, month):
            return f"{year:04}-{month:02}"
    return f"{_write_end(span.start, span.by_year)}..{_write_end(span.end, span.by_year)}"


def _write_end(day: date | None, by_year: bool) -> str:
    if day is None:
        return ""
    return f"{day.year:04}" if by_year else day.isoformat()


def _read_relative(text: str, *, now: date) -> Span | None:
    words = re.sub(r"[\s_-]+", " ", text.casefold())
    if words == "today":
        return Span(now, now, relative=words)
    if words == "yesterday":
        return Span(now - timedelta(days=1), now - timedelta(days=1), relative=words)
    if match := _RECENT.fullmatch(words):
        return Span(_before(now, int(match[1] or 1), match[2]), now, relative=words)
    if match := _CURRENT.fullmatch(words):
        first = {
            "week": now - timedelta(days=now.weekday()),
            "month": now.replace(day=1),
        }
        if match[1] == "year":
            return Span(now.replace(month=1, day=1), now.replace(month=12, day=31), by_year=True, relative=words)
        return Span(first[match[1]], now, relative=words)
    return None


def _before(now: date, count: int, unit: str) -> date:
    """The same day ``count`` units earlier; the last day of a month that is too short."""
    if unit in DAYS:
        days = count * DAYS[unit]
        return now - timedelta(days=days) if days < now.toordinal() else date.min
    months = now.year * 12 + now.month - 1 - count * MONTHS[unit]
    year, month = divmod(months, 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(now.day, calendar.monthrange(year, month + 1)[1]))


def _between(first: str, last: str) -> Span:
    opening, closing = (None if end in ("", "*") else _period(end) for end in (first, last))
    if opening is None and closing is None:
        raise DateError(_("The range is empty"), cure=_("Write one end or both: 2019.. or ..2021 or 2019..2021."))
    by_year = all(end is None or end.by_year for end in (opening, closing))
    swapped = False
    if opening and closing and opening.start and closing.start and opening.start > closing.start:
        opening, closing, swapped = closing, opening, True
    return Span(opening.start if opening else None, closing.end if closing else None, by_year=by_year, swapped=swapped)


def _compared(sign: str, text: str) -> Span:
    period = _period(text)
    start, end = period.start, period.end
    try:
        if sign == ">" and end:
            return Span(end + timedelta(days=1), None, by_year=period.by_year)
        if sign == "<" and start:
            return Span(None, start - timedelta(days=1), by_year=period.by_year)
    except OverflowError as exc:
        raise DateError(
            _("The date %(date)s is out of range") % {"date": text}, cure=_("Write a year such as 2024.")
        ) from exc
    if sign in (">=", "≥"):
        return Span(start, None, by_year=period.by_year)
    if sign in ("<=", "≤"):
        return Span(None, end, by_year=period.by_year)
    return period


def _period(text: str) -> Span:
    """The first and the last day of one year, month or day."""
    text = text.rstrip("*Z").rstrip("-/")
    match = _DASHED.fullmatch(text)
    if match and len(match[1]) > 4 and not match[2]:
        match = _COMPACT.fullmatch(text) or match
    if not match:
        raise _unreadable(text)
    year_text, month_text, day_text = match.groups()
    if len(year_text) > 4 or int(year_text) < 1:
        raise DateError(
            _("Invalid year %(year)s") % {"year": year_text[:20]}, cure=_("Write four digits, such as 2024.")
        )
    year = int(year_text)
    if month_text is None:
        return Span(date(year, 1, 1), date(year, 12, 31), by_year=True)
    month = int(month_text)
    if not 1 <= month <= 12:
        raise DateError(
            _("Invalid month %(month)s") % {"month": month_text},
            cure=_("Write year-month-day, such as 2024-05-31, or a range of years, such as 2019..2021."),
        )
    first, last = _month(year, month)
    if day_text is None:
        return Span(first, last)
    if not 1 <= int(day_text) <= last.day:
        raise DateError(
            _("%(month)s has no day %(day)s") % {"month": f"{year:04}-{month:02}", "day": day_text},
            cure=_("Its last day is %(day)s.") % {"day": last.isoformat()},
        )
    return Span(date(year, month, int(day_text)), date(year, month, int(day_text)))


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _unreadable(text: str) -> DateError:
    return DateError(
        _("“%(text)s” is not a date") % {"text": text[:40]},
        cure=_('Write 2024, 2024-05, 2024-05-01, 2019..2021 or a phrase such as "past week".'),
    )
