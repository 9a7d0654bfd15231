"""Facets of a result list as a page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from coolpapers.finding.pages.forms import SearchRequest
from coolpapers.papers.names.venues import series_name, venue_label
from search.engines.results import FacetCount
from search.vocabulary.categories import category_name

VALUES_SHOWN = 10


class Faceted(Protocol):
    """A page of results with counted facets."""

    @property
    def facets(self) -> Mapping[str, tuple[FacetCount, ...]]: ...


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    label: str  # the displayed text
    name: str  # what the label stands for, "" if it needs no explanation
    n_papers: int | None  # None for a chosen value without a count
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet. ``parameter`` is its name in the address, ``label`` its heading."""

    parameter: str
    label: str
    values: list[FacetValue]


def describe_facets(page: Faceted, search_request: SearchRequest) -> list[Facet]:
    """Facets with at least one value: chosen values first, then the largest ones (years by date)."""
    labels = {"category": _("Category"), "venue": _("Venue"), "year": _("Year")}
    facets = [Facet(name, label, _values(page, search_request, name)) for name, label in labels.items()]
    return [facet for facet in facets if facet.values]


def _values(page: Faceted, search_request: SearchRequest, name: str) -> list[FacetValue]:
    counts = {count.value: count.count for count in page.facets.get(name, ())}
    chosen = search_request.chosen[name]
    others = [value for value in counts if value not in chosen][:VALUES_SHOWN]
    if name == "year":
        others.sort(reverse=True)
    return [
        FacetValue(
            value,
            label=_venue_label(value) if name == "venue" else value,
            name=category_name(value) if name == "category" else "",
            n_papers=counts.get(value),
            is_chosen=value in chosen,
        )
        for value in (*chosen, *others)
    ]


def _venue_label(value: str) -> str:
    """``Annals-of-Statistics 2001`` as pages show it."""
    slug, _blank, year = value.partition(" ")
    return f"{venue_label(slug, series_name(slug))} {year}".strip()
