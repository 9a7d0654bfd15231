"""The papers of the last days, and the days on which some seem to be missing. Start at :func:`read_days`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from coolpapers.operating.models import AuditedDay
from coolpapers.papers.models import Paper

N_DAYS = 60
# A day of the week counts as one on which papers are announced if they were on half of these days.
_USUAL_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Day:
    """Papers announced on a day. ``n_listed`` and ``n_missing`` are of the last audit; None where there was none."""

    day: date
    n_papers: int
    n_listed: int | None = None
    n_missing: int | None = None
    is_empty: bool = False  # although papers are usually announced on this day of the week

    @property
    def is_gap(self) -> bool:
        return self.is_empty or bool(self.n_missing)


def read_days(*, today: date, n_days: int = N_DAYS) -> list[Day]:
    """The days up to today, the oldest first."""
    first = today - timedelta(days=n_days - 1)
    rows = Paper.objects.filter(announced__range=(first, today)).values_list("announced").annotate(n=Count("pk"))
    n_papers: dict[date | None, int] = dict(rows.order_by())
    listed: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for day, n_listed, n_missing in AuditedDay.objects.filter(day__range=(first, today)).values_list(
        "day", "n_listed", "n_missing"
    ):
        listed[day][0] += n_listed
        listed[day][1] += n_missing
    days = [first + timedelta(days=number) for number in range(n_days)]
    filled = [day for day in days if n_papers.get(day)]
    since = min(filled, default=today)  # before it the library did not get papers
    usual = _usual_weekdays(filled, [day for day in days if day >= since])
    return [
        Day(
            day,
            n_papers.get(day, 0),
            n_listed=listed[day][0] if day in listed else None,
            n_missing=listed[day][1] if day in listed else None,
            is_empty=not n_papers.get(day) and day.weekday() in usual and since < day < today,
        )
        for day in days
    ]


def _usual_weekdays(filled: Sequence[date], days: Sequence[date]) -> set[int]:
    """Days of the week on which papers are announced."""
    usual = set()
    for weekday in range(7):
        n_all = sum(day.weekday() == weekday for day in days)
        n_filled = sum(day.weekday() == weekday for day in filled)
        if n_filled >= 2 and n_filled / n_all >= _USUAL_SHARE:
            usual.add(weekday)
    return usual


def weeks_of(days: Sequence[Day]) -> list[list[Day | None]]:
    """Rows from Monday to Sunday, the newest first; None before the first and after the last day."""
    padded: list[Day | None] = [None] * days[0].day.weekday() + list(days)
    padded += [None] * (-len(padded) % 7)
    return [padded[start : start + 7] for start in range(0, len(padded), 7)][::-1]
