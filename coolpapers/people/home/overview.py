"""What a reader keeps on the home page: followed searches with news, and categories with their last days.

Start at :func:`read_overview`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from coolpapers.papers.lookup.recent_days import (
    NewestPaper,
    RecentDays,
    busiest_categories,
    newest_category_day,
    newest_papers_of,
    recent_days_of,
)
from coolpapers.papers.lookup.selectors import known_codes
from coolpapers.papers.models import latest_revision
from coolpapers.papers.names.permalinks import category_path
from coolpapers.people.searches.views import Row, make_rows
from coolpapers.people.state.items import Items
from search.vocabulary.categories import category_name

N_SUGGESTED = 6  # categories shown to a reader who has pinned none
MAX_PINS = 60
N_NEWEST = 2  # titles shown of a pinned category
BAR_HEIGHT = 20  # of the fullest day, in the units of the drawing
BAR_STEP, BAR_WIDTH = 6, 5


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a drawing, in its own units."""

    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Category:
    """A category with its papers on the last days, as bars and in words; ``newest`` only where it is pinned."""

    recent: RecentDays
    is_pinned: bool
    newest: Sequence[NewestPaper] = ()

    @property
    def code(self) -> str:
        return self.recent.code

    @property
    def name(self) -> str:
        return category_name(self.code)

    @property
    def path(self) -> str:
        return category_path(self.code)

    @property
    def n_papers(self) -> int:
        return self.recent.total

    @property
    def bars(self) -> list[Bar]:
        """One bar a day, the oldest first; a day with papers is at least one unit high."""
        most = max(self.recent.most, 1)
        heights = [-(-count.n_papers * BAR_HEIGHT // most) for count in self.recent.days]
        return [Bar(number * BAR_STEP, BAR_HEIGHT - height, height) for number, height in enumerate(heights)]

    @property
    def words(self) -> str:
        """The bars in words."""
        days = self.recent.days
        return _("Papers a day from %(first)s to %(last)s: %(counts)s") % {
            "first": date_format(days[0].day, "MONTH_DAY_FORMAT"),
            "last": date_format(days[-1].day, "MONTH_DAY_FORMAT"),
            "counts": ", ".join(str(count.n_papers) for count in days),
        }


@dataclass(frozen=True, slots=True)
class Overview:
    """``has_pins``: the categories are the reader's; otherwise they are the busiest ones, as a suggestion."""

    rows: Sequence[Row]
    categories: Sequence[Category]
    has_pins: bool

    @property
    def has_news(self) -> bool:
        return any(row.count.n for row in self.rows)


def read_overview(request: HttpRequest, items: Items) -> Overview:
    """The overview of a reader with these items. Pinned codes that no category has are left out."""
    revision = latest_revision()
    last = newest_category_day(today=localdate(), revision=revision)
    present = set(known_codes(revision=revision))
    pins = [code for code in items.pins() if code in present][:MAX_PINS]
    codes = pins or busiest_categories(last=last, revision=revision, n_at_most=N_SUGGESTED)

    def newest_of(code: str) -> Sequence[NewestPaper]:
        return newest_papers_of(code, last=last, revision=revision, n_at_most=N_NEWEST) if code in pins else ()

    recent = recent_days_of(codes, last=last, revision=revision)
    return Overview(
        rows=make_rows(request, items.searches()),
        categories=[Category(days, days.code in pins, newest_of(days.code)) for days in recent],
        has_pins=bool(pins),
    )
