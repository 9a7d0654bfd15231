"""Filters of the admin's list of papers, which stay short and fast in large libraries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from coolpapers.papers.lookup.cached_counts import cached_count
from coolpapers.papers.lookup.selectors import count_categories
from coolpapers.papers.models import Category, Paper, PaperCategory, PaperSource, Venue, latest_revision
from search.vocabulary.identifier_forms import SOURCE_LABELS

N_CHOICES = 20  # of a filter; others are searched for, or named in the address
N_SINGLE_YEARS = 6  # older ones stand together by decade
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?", re.ASCII)

if TYPE_CHECKING:  # Django's class takes a parameter for type checkers only
    _Paginator = Paginator[Paper]
else:
    _Paginator = Paginator


class RememberingPaginator(_Paginator):
    """Counts the papers of a filter once, until the library changes."""

    @cached_property
    def count(self) -> int:
        papers: Any = self.object_list
        return int(cached_count(f"admin:{papers.query}", papers.count, revision=latest_revision()))


class YearFilter(admin.SimpleListFilter):
    """The newest years one by one, older ones by decade."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        def read() -> list[int]:
            years = Paper.objects.filter(year__isnull=False).order_by("-year").values_list("year", flat=True)
            return [year for year in years.distinct() if year is not None]

        years = cached_count("admin years", read, revision=_revision(request))
        decades = sorted({year // 10 * 10 for year in years[N_SINGLE_YEARS:]}, reverse=True)
        single = [(str(year), str(year)) for year in years[:N_SINGLE_YEARS]]
        return [*single, *((f"{decade}-{decade + 9}", f"{decade}–{decade + 9}") for decade in decades)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Paper]) -> QuerySet[Paper]:
        match = _YEARS.fullmatch(self.value() or "")
        return queryset.filter(year__range=(int(match[1]), int(match[2] or match[1]))) if match else queryset


class VenueFilter(admin.SimpleListFilter):
    """The venues with the most papers; any other one by its slug in the address."""

    title = _("venue")
    parameter_name = "venue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        def read() -> list[tuple[str, str]]:
            venues = Venue.objects.annotate(n=Count("papers")).order_by("-n", "slug")[:N_CHOICES]
            return [(venue.slug, venue.label) for venue in venues]

        return _with_chosen(
            request, self.parameter_name, cached_count("admin venues", read, revision=_revision(request))
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Paper]) -> QuerySet[Paper]:
        return queryset.filter(venue__slug=self.value()) if self.value() else queryset


class SourceFilter(admin.SimpleListFilter):
    """Papers that a source describes, among others maybe."""

    title = _("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        def read() -> list[str]:
            return list(PaperSource.objects.order_by("source").values_list("source", flat=True).distinct())

        sources = cached_count("admin sources", read, revision=_revision(request))
        return [(source, SOURCE_LABELS.get(source, source)) for source in sources]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Paper]) -> QuerySet[Paper]:
        if not self.value():
            return queryset
        return queryset.filter(Exists(PaperSource.objects.filter(paper=OuterRef("pk"), source=self.value())))


class CategoryFilter(admin.SimpleListFilter):
    """The categories with the most papers; any other one by its code in the address."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        largest = list(count_categories(revision=_revision(request)))[:N_CHOICES]
        names = dict(Category.objects.filter(code__in=largest).values_list("code", "name"))
        choices = [(code, f"{code} {names.get(code, '')}".strip()) for code in largest]
        return _with_chosen(request, self.parameter_name, choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Paper]) -> QuerySet[Paper]:
        if not self.value():
            return queryset
        rows = PaperCategory.objects.filter(paper=OuterRef("pk"), category__code=self.value())
        return queryset.filter(Exists(rows))


def _revision(request: HttpRequest) -> int:
    """The library's, read once for all filters of a page."""
    if not hasattr(request, "library_revision"):
        request.library_revision = latest_revision()  # type: ignore[attr-defined]
    return int(request.library_revision)  # type: ignore[attr-defined]


def _with_chosen(request: HttpRequest, parameter: str, choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The choices, and the chosen one if it is not among them."""
    chosen = request.GET.get(parameter, "")
    is_other = bool(chosen) and chosen not in {value for value, _label in choices}
    return [*choices, *([(chosen, chosen)] if is_other else [])]
