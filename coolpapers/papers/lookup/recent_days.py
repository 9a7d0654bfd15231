"""How many papers each category got on each of the last days. Start at :func:`recent_days_of`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef

from coolpapers.papers.lookup.cached_counts import cached_count
from coolpapers.papers.lookup.list_pages import ListedRange, page_of_range
from coolpapers.papers.lookup.selectors import DayCount, count_days
from coolpapers.papers.models import Category, Paper, PaperCategory
from coolpapers.papers.names.category_sets import CategorySet, Step
from coolpapers.papers.names.permalinks import paper_path

N_DAYS = 14


@dataclass(frozen=True, slots=True)
class RecentDays:
    """The papers of one category on consecutive days, the oldest first; days without papers count 0."""

    code: str
    days: Sequence[DayCount]

    @property
    def total(self) -> int:
        return sum(count.n_papers for count in self.days)

    @property
    def most(self) -> int:
        """The number of papers on the fullest day."""
        return max((count.n_papers for count in self.days), default=0)


@dataclass(frozen=True, slots=True)
class NewestPaper:
    """What a line needs of a paper."""

    title: str
    path: str


def newest_day(days: Sequence[DayCount], *, today: date) -> DayCount | None:
    """The newest of the days (newest first) that is not in the future; if all are, the newest."""
    return next((count for count in days if count.day <= today), days[0] if days else None)


def newest_category_day(*, today: date, revision: int) -> date:
    """The newest day that is not in the future and has a paper with a category; ``today`` where there is none."""

    def read() -> date:
        papers = Paper.objects.filter(Exists(PaperCategory.objects.filter(paper=OuterRef("pk"))), announced__lte=today)
        return papers.order_by("-announced", "-pk").values_list("announced", flat=True).first() or today

    return cached_count(f"newest category day:{today}", read, revision=revision)


def recent_days_of(codes: Sequence[str], *, last: date, revision: int) -> list[RecentDays]:
    """The days up to ``last`` of each category, in the order of ``codes``; unknown codes count 0 papers."""
    counts = count_recent_days(last=last, revision=revision)
    days = [last - timedelta(days=before) for before in reversed(range(N_DAYS))]
    return [RecentDays(code, [DayCount(day, counts.get(code, {}).get(day, 0)) for day in days]) for code in codes]


def newest_papers_of(code: str, *, last: date, revision: int, n_at_most: int) -> tuple[NewestPaper, ...]:
    """The newest papers of a category up to the day ``last``, the newest first."""

    def read() -> tuple[NewestPaper, ...]:
        categories = CategorySet((Step(code),))
        listed = ListedRange(categories, count_days(categories, revision=revision), last=last)
        papers = page_of_range(listed, "newest", start=0, size=n_at_most, revision=revision)
        return tuple(NewestPaper(paper.title, paper_path(paper)) for paper in papers)

    return cached_count(f"newest papers:{code}:{last}:{n_at_most}", read, revision=revision)


def busiest_categories(*, last: date, revision: int, n_at_most: int) -> list[str]:
    """The categories with the most papers on the days up to ``last``."""
    totals = {code: sum(days.values()) for code, days in count_recent_days(last=last, revision=revision).items()}
    return sorted(totals, key=lambda code: (-totals[code], code))[:n_at_most]


def count_recent_days(*, last: date, revision: int) -> Mapping[str, Mapping[date, int]]:
    """Papers by category and day. Reads only the papers of these days, so it does not grow with the library."""

    def count() -> dict[str, dict[date, int]]:
        recent = PaperCategory.objects.filter(
            paper__announced__gt=last - timedelta(days=N_DAYS), paper__announced__lte=last
        )
        codes = dict(Category.objects.values_list("pk", "code"))
        counts: dict[str, dict[date, int]] = {}
        rows = recent.values_list("category_id", "paper__announced").annotate(n=Count("pk")).order_by()
        for pk, day, n_papers in rows:
            if pk in codes and day is not None:
                counts.setdefault(codes[pk], {})[day] = n_papers
        return counts

    return cached_count(f"recent:{last}", count, revision=revision)
