"""Papers by year, or by month of a short range, as bars that are links. Start at :func:`make_histogram`.

The template draws them as SVG with attributes only (the content policy allows no inline style), and as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils import formats, translation

MAX_BARS = 48  # older years are one bar
MONTHLY_DAYS = 730  # a range of at most two years has bars by month
HEIGHT = 36  # of the drawing, in its own units; a bar is STEP wide with the gap after it
STEP = 10
GAP = 2
MIN_STEPS = 12  # few bars do not fill the width
MAX_TICKS = 8

Period = tuple[int, int]  # a year and a month; the month is 0 for the whole year


@dataclass(frozen=True, slots=True)
class Bar:
    """One period. ``path`` is the list of its papers, "" where there are none.

    ``value`` is the period as in an address (2024, 2024-05), "" for the bar of all older ones. ``x``, ``y``, ``height``
    and ``width`` place it in the drawing. ``tick`` is the text below it, "" for most. ``is_running``: the period is not
    over yet.
    """

    label: str
    value: str
    path: str
    n_papers: int
    x: int
    y: float
    height: float
    tick: str
    is_running: bool
    is_chosen: bool
    width: int = STEP - GAP


@dataclass(frozen=True, slots=True)
class Histogram:
    """``n_undated`` papers have no month, so no bar. ``has_spans``: a script may lead to a range of bars."""

    bars: tuple[Bar, ...]
    is_monthly: bool
    n_undated: int = 0
    has_spans: bool = True

    @property
    def width(self) -> int:
        return STEP * max(len(self.bars), MIN_STEPS)

    @property
    def blanks(self) -> range:
        """The places that few bars leave empty."""
        return range(max(0, MIN_STEPS - len(self.bars)))

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def step(self) -> int:
        return STEP

    @property
    def most(self) -> int:
        return max(bar.n_papers for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Links:
    """Where bars lead: ``path_of(first, last)`` is the list of the papers from a period to another one.

    Periods are written as in an address (2024, 2024-05), "" for an open end.
    """

    path_of: Callable[[str, str], str]
    is_chosen: Callable[[str], bool] = lambda _value: False


def is_short(first: date | None, last: date | None, *, today: date) -> bool:
    """Whether a range of days has bars by month; an open end is today."""
    if first is None:
        return False
    return 0 <= ((last or today) - first).days <= MONTHLY_DAYS


def make_histogram(
    counts: Mapping[Period, int], links: Links, *, today: date, n_undated: int = 0, has_spans: bool = True
) -> Histogram | None:
    """Bars for all periods from the first one to the last one with papers; None where there is only one.

    Parameters
    ----------
    counts : papers by year (month 0) or by month
    n_undated : papers that have no such period
    has_spans : whether links to several periods exist
    """
    counted = {period: n for period, n in counts.items() if n > 0}
    if len(counted) < 2:
        return None
    is_monthly = any(month for _, month in counted)
    first, last = min(counted), max(counted)
    periods = list(_periods(first, last, is_monthly=is_monthly))
    older = periods[:-MAX_BARS] if len(periods) > MAX_BARS else []
    shown = periods[len(older) :]
    heights = {period: counted.get(period, 0) for period in shown}
    if older:
        heights[shown[0]] += sum(counted.get(period, 0) for period in older)
    most = max(heights.values())
    every = -(-len(shown) // MAX_TICKS)
    bars = []
    for number, (period, n_papers) in enumerate(heights.items()):
        is_heap = bool(older) and not number
        value = _write(period)
        path = links.path_of("" if is_heap else value, value) if n_papers else ""
        height = round(max(1.0, HEIGHT * n_papers / most), 1) if n_papers else 0.0
        bars.append(
            Bar(
                label=f"≤ {period[0]}" if is_heap else _label(period),
                value="" if is_heap else value,
                path=path,
                n_papers=n_papers,
                x=number * STEP,
                y=HEIGHT - height,
                height=height,
                tick=_tick(period, is_heap) if (len(shown) - 1 - number) % every == 0 else "",
                is_running=period == (today.year, today.month if is_monthly else 0),
                is_chosen=links.is_chosen(value),
            )
        )
    return Histogram(tuple(bars), is_monthly, n_undated, has_spans)


def _periods(first: Period, last: Period, *, is_monthly: bool) -> Iterator[Period]:
    if not is_monthly:
        yield from ((year, 0) for year in range(first[0], last[0] + 1))
        return
    for number in range(12 * first[0] + first[1] - 1, 12 * last[0] + last[1]):
        yield number // 12, number % 12 + 1


def _write(period: Period) -> str:
    year, month = period
    return f"{year:04}-{month:02}" if month else f"{year:04}"


def _label(period: Period) -> str:
    year, month = period
    return _month_label(year, month, translation.get_language()) if month else str(year)


def _tick(period: Period, is_heap: bool) -> str:
    year, month = period
    if is_heap:
        return f"≤ {year}"
    return f"{year}-{month:02}" if month else str(year)


@lru_cache(maxsize=512)
def _month_label(year: int, month: int, _language: str | None) -> str:
    return str(formats.date_format(date(year, month, 1), "YEAR_MONTH_FORMAT"))
