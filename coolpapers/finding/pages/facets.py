"""Facets of a result list as a page shows them: each value with the addresses that choose, exclude or release it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Protocol
from urllib.parse import quote_plus

from django.urls import reverse
from django.utils.translation import gettext as _

from coolpapers.finding.pages.forms import FACETS, HAS_VALUES, SearchRequest
from coolpapers.papers.names.venues import series_name, venue_label
from coolpapers.papers.refining.addresses import ListAddress
from search.engines.results import FacetCount
from search.vocabulary.categories import category_name

VALUES_SHOWN = 10


class Faceted(Protocol):
    """A page of results with counted facets."""

    @property
    def facets(self) -> Mapping[str, tuple[FacetCount, ...]]: ...


@dataclass(frozen=True, slots=True)
class FacetValue:
    """``path`` leads to the list with the value, or, if it is chosen or excluded, to the list without the filter.

    ``years_path`` leads to the values of a series of venues by year.
    """

    value: str
    label: str  # the displayed text
    name: str  # what the label stands for, "" if it needs no explanation
    n_papers: int | None  # None for a value without a count
    is_chosen: bool
    path: str
    exclude_path: str = ""
    is_excluded: bool = False
    years_path: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet. ``parameter`` is its name in the address, ``label`` its heading.

    ``n_more`` values are not shown, because they are smaller; ``all_path`` leads to all of them.
    """

    parameter: str
    label: str
    values: list[FacetValue]
    n_more: int = 0
    all_path: str = ""


def facet_labels() -> dict[str, str]:
    """The heading of each facet."""
    return {"category": _("Category"), "venue": _("Venue"), "year": _("Year"), "has": _("Has")}


def describe_facets(
    page: Faceted, search_request: SearchRequest, address: ListAddress, *, has_pages: bool = True
) -> list[Facet]:
    """Facets with at least one value: chosen and excluded values first, then the largest ones (years by date).

    ``has_pages``: all values of a facet are a page of their own, as they are for a search.
    """
    facets = [_describe(page, search_request, address, name, has_pages=has_pages) for name in FACETS]
    return [facet for facet in facets if facet.values]


def describe_all(page: Faceted, search_request: SearchRequest, address: ListAddress, name: str) -> Facet:
    """All values of one facet."""
    return _describe(page, search_request, address, name, limit=None)


def describe_years(page: Faceted, search_request: SearchRequest, address: ListAddress, slug: str) -> Facet:
    """The values of a series of venues by year, newest first."""
    counts = {value: n for value, n in page.facets.get("venue", ()) if _split(value)[0] == slug}
    maker = _ValueMaker.of("venue", counts, search_request, address)
    values = [maker.make(value) for value in sorted(counts, key=_year_of, reverse=True)]
    return Facet("venue", venue_value_label(slug), values)


def describe_has(search_request: SearchRequest, address: ListAddress) -> Facet:
    """What a paper may have; engines do not count it."""
    labels = {"code": _("code"), "pdf": "PDF", "summary": _("summary")}
    maker = _ValueMaker.of("has", {}, search_request, address)
    values = [replace(maker.make(value), label=labels[value]) for value in HAS_VALUES]
    return Facet("has", facet_labels()["has"], values)


def facet_words() -> SimpleNamespace:
    """The words of the template."""

    def all_of(n_more: int) -> str:
        return _("show all (%(n)s more)") % {"n": f"{n_more:,}"}

    return SimpleNamespace(release=_("remove this filter"), exclude=_("exclude"), years=_("by year"), all_of=all_of)


def _describe(
    page: Faceted,
    search_request: SearchRequest,
    address: ListAddress,
    name: str,
    *,
    limit: int | None = VALUES_SHOWN,
    has_pages: bool = True,
) -> Facet:
    counts = dict(page.facets.get(name, ()))
    maker = _ValueMaker.of(name, counts, search_request, address, has_pages=has_pages)
    groups = _series(counts) if name == "venue" else {value: (value,) for value in counts}
    others = list(groups)
    if filtered := maker.filtered.keys():
        others = [value for value in groups if value not in filtered and filtered.isdisjoint(groups[value])]
    shown = others[:limit]
    if name == "year":
        shown.sort(reverse=True)
    values = [maker.make(value, groups.get(value, ())) for value in (*maker.filtered, *shown)]
    n_more = len(others) - len(shown)
    all_path = _page_path(name) + address.query() if n_more and has_pages else ""
    return Facet(name, facet_labels()[name], values, n_more, all_path)


@dataclass(frozen=True, slots=True)
class _ValueMaker:
    """``filtered`` maps the values in the address to whether they are chosen (else they are excluded).

    ``choosing`` and ``excluding`` are addresses that end before the value; ``years`` likewise, "" for none.
    """

    name: str
    counts: Mapping[str, int]
    filtered: Mapping[str, bool]
    address: ListAddress
    choosing: str
    excluding: str
    years: str = ""

    @classmethod
    def of(
        cls,
        name: str,
        counts: Mapping[str, int],
        search_request: SearchRequest,
        address: ListAddress,
        *,
        has_pages: bool = False,
    ) -> _ValueMaker:
        filtered = dict.fromkeys(search_request.chosen[name], True) | dict.fromkeys(
            search_request.excluded[name], False
        )
        return cls(
            name,
            counts,
            filtered,
            address,
            choosing=f"{address.prefix() if name == 'has' else address.prefix(name)}{name}=",
            excluding=f"{address.prefix()}{name}=-",
            years=f"{_page_path(name)}{address.unrooted().prefix()}series=" if has_pages and name == "venue" else "",
        )

    def make(self, value: str, members: Collection[str] = ()) -> FacetValue:
        """A value; ``members`` are the values counted of a series of venues."""
        is_chosen, is_excluded = self.filtered.get(value) is True, self.filtered.get(value) is False
        if is_chosen or is_excluded:
            path, exclude_path = self.address.without(self.name, f"-{value}" if is_excluded else value), ""
        else:
            path, exclude_path = self.choosing + quote_plus(value), self.excluding + quote_plus(value)
        has_years = bool(self.years) and any(member != value for member in members)
        return FacetValue(
            value,
            label=_label(self.name, value),
            name=category_name(value) if self.name == "category" else "",
            n_papers=sum(self.counts[member] for member in members) if members else self.counts.get(value),
            is_chosen=is_chosen,
            path=path,
            exclude_path=exclude_path,
            is_excluded=is_excluded,
            years_path=self.years + quote_plus(value) if has_years else "",
        )


def _page_path(name: str) -> str:
    return reverse("search:show_facet", args=[name])


def _label(name: str, value: str) -> str:
    if name == "year":
        return value.replace("..", "–")
    return venue_value_label(value) if name == "venue" else value


def venue_value_label(value: str) -> str:
    """``Annals-of-Statistics 2001`` as pages show it."""
    slug, year = _split(value)
    return f"{venue_label(slug, series_name(slug))} {year}".strip()


def _series(counts: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """The values of each series of venues, the largest series first. A series of one value is that value."""
    members: dict[str, list[str]] = {}
    totals: dict[str, int] = {}
    for value, n_papers in counts.items():
        slug = value.partition(" ")[0]
        if slug in members:
            members[slug].append(value)
            totals[slug] += n_papers
        else:
            members[slug], totals[slug] = [value], n_papers
    largest_first = sorted(totals, key=totals.__getitem__, reverse=True)
    return {
        slug if len(values) > 1 else values[0]: tuple(values) for slug in largest_first if (values := members[slug])
    }


def _split(value: str) -> tuple[str, str]:
    slug, _blank, year = value.partition(" ")
    return slug, year


def _year_of(value: str) -> str:
    return _split(value)[1]
