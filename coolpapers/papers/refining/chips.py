"""The filters of a list as a sentence: each is a chip, a link to the list without it. Start at :class:`Chip`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import formats
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in words ("in cs.CV"), and the address of the list without it."""

    text: str
    path: str
    title: str = ""  # what the text stands for, "" if it needs no explanation


def either(texts: Sequence[str], first: str, other: str) -> list[str]:
    """Alternatives of one filter in words: ``in cs.CV``, ``or cs.CL``. Both patterns have a ``%(name)s``."""
    return [(other if number else first) % {"name": text} for number, text in enumerate(texts)]


def describe_days(first: date | None, last: date | None) -> str:
    """A range of days in words: a day, a month, a year, years, or what is open: "since 2026"."""
    if first is None and last is None:
        return ""
    if last is None:
        return _("since %(time)s") % {"time": _name_start(first)} if first else ""
    if first is None:
        return _("until %(time)s") % {"time": _name_end(last)}
    if first == last:
        return _("of %(time)s") % {"time": _day(first)}
    if _begins_year(first) and _ends_year(last):
        return describe_years(first.year, last.year)
    if first.day == 1 and _ends_month(last) and (first.year, first.month) == (last.year, last.month):
        return _("of %(time)s") % {"time": formats.date_format(first, "YEAR_MONTH_FORMAT")}
    return _("from %(first)s to %(last)s") % {"first": _name_start(first), "last": _name_end(last)}


def describe_years(first: int | None, last: int | None) -> str:
    """Years in words: "of 2024", "of 2021–2024", "since 2021", "until 2024"."""
    if first is None:
        return _("until %(time)s") % {"time": last} if last is not None else ""
    if last is None:
        return _("since %(time)s") % {"time": first}
    return _("of %(time)s") % {"time": first if first == last else f"{first}–{last}"}


def _name_start(day: date) -> str:
    if _begins_year(day):
        return str(day.year)
    return formats.date_format(day, "YEAR_MONTH_FORMAT") if day.day == 1 else _day(day)


def _name_end(day: date) -> str:
    if _ends_year(day):
        return str(day.year)
    return formats.date_format(day, "YEAR_MONTH_FORMAT") if _ends_month(day) else _day(day)


def _day(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


def _begins_year(day: date) -> bool:
    return (day.month, day.day) == (1, 1)


def _ends_year(day: date) -> bool:
    return (day.month, day.day) == (12, 31)


def _ends_month(day: date) -> bool:
    return day < date.max and (day + timedelta(days=1)).day == 1
