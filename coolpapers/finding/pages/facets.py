"""Facets of a result list as a page shows them: each value with the addresses that choose, exclude or release it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

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

    ``years`` are the values of a venue by year, newest first.
    """

    value: str
    label: str  # the displayed text
    name: str  # what the label stands for, "" if it needs no explanation
    n_papers: int | None  # None for a value without a count
    is_chosen: bool
    path: str
    exclude_path: str = ""
    is_excluded: bool = False
    years: tuple[FacetValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet. ``parameter`` is its name in the address, ``label`` its heading.

    ``n_more`` values are not shown, because they are smaller.
    """

    parameter: str
    label: str
    values: list[FacetValue]
    n_more: int = 0


def facet_labels() -> dict[str, str]:
    """The heading of each facet."""
    return {"category": _("Category"), "venue": _("Venue"), "year": _("Year"), "has": _("Has")}


def describe_facets(page: Faceted, search_request: SearchRequest, address: ListAddress) -> list[Facet]:
    """Facets with at least one value: chosen and excluded values first, then the largest ones (years by date)."""
    facets = [describe_facet(page, search_request, address, name, limit=VALUES_SHOWN) for name in FACETS]
    return [facet for facet in facets if facet.values]


def describe_facet(
    page: Faceted, search_request: SearchRequest, address: ListAddress, name: str, *, limit: int | None = None
) -> Facet:
    """One facet with its largest values, or with all of them."""
    counts = {count.value: count.count for count in page.facets.get(name, ())}
    filtered = dict.fromkeys(search_request.chosen[name], True)
    filtered |= dict.fromkeys(search_request.excluded[name], False)
    make = _ValueMaker(name, counts, filtered, address).make
    groups = _series(counts) if name == "venue" else {value: (value,) for value in counts}
    others = [value for value in groups if value not in filtered and not (filtered.keys() & set(groups[value]))]
    shown = others[:limit]
    if name == "year":
        shown.sort(reverse=True)
    values = [make(value, groups.get(value, ())) for value in (*filtered, *shown)]
    return Facet(name, facet_labels()[name], values, n_more=len(others) - len(shown))


def describe_has(search_request: SearchRequest, address: ListAddress) -> Facet:
    """What a paper may have; engines do not count it."""
    labels = {"code": _("code"), "pdf": "PDF", "summary": _("summary")}
    filtered = dict.fromkeys(search_request.chosen["has"], True)
    filtered |= dict.fromkeys(search_request.excluded["has"], False)
    maker = _ValueMaker("has", {}, filtered, address)
    values = [replace(maker.make(value), label=labels[value]) for value in HAS_VALUES]
    return Facet("has", facet_labels()["has"], values)


@dataclass(frozen=True, slots=True)
class _ValueMaker:
    """``filtered`` maps the values in the address to whether they are chosen (else they are excluded)."""

    name: str
    counts: Mapping[str, int]
    filtered: Mapping[str, bool]
    address: ListAddress

    def make(self, value: str, members: Iterable[str] = ()) -> FacetValue:
        """A value; ``members`` are the values counted of a series of venues."""
        name, parameter = self.name, self.name
        is_chosen, is_excluded = self.filtered.get(value) is True, self.filtered.get(value) is False
        years = [member for member in members if member != value]
        if is_chosen or is_excluded:
            path = self.address.without(parameter, f"-{value}" if is_excluded else value)
        elif name == "has":
            path = self.address.adding(parameter, value)
        else:
            path = self.address.having(**{parameter: value})
        return FacetValue(
            value,
            label=_label(name, value),
            name=category_name(value) if name == "category" else "",
            n_papers=self.counts.get(value) if not members else sum(self.counts[member] for member in members),
            is_chosen=is_chosen,
            path=path,
            exclude_path="" if self.filtered.get(value) is not None else self.address.adding(parameter, f"-{value}"),
            is_excluded=is_excluded,
            years=tuple(self.make(member) for member in sorted(years, key=_year_of, reverse=True)),
        )


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
    for value in counts:
        members.setdefault(_split(value)[0], []).append(value)
    named = {slug if len(values) > 1 else values[0]: tuple(values) for slug, values in members.items()}
    return dict(sorted(named.items(), key=lambda item: -sum(counts[value] for value in item[1])))


def _split(value: str) -> tuple[str, str]:
    slug, _blank, year = value.partition(" ")
    return slug, year


def _year_of(value: str) -> str:
    return _split(value)[1]
