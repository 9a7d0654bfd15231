"""The parameters of a search page. An invalid value yields a note, never an error page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coolpapers.finding.questions import Filters, Question, any_of
from coolpapers.papers.lookup.readers import READER_SORTS
from coolpapers.papers.pages.forms import read_range, read_slice
from search.language.query import Exact, Flag, Node, Not, Range

SEARCH_SORTS = {
    "relevance": gettext_lazy("Relevance"),
    "newest": gettext_lazy("Newest"),
    "oldest": gettext_lazy("Oldest"),
    "updated": gettext_lazy("Updated"),
    **READER_SORTS,
}
# Facets of the page: the parameter is the name of the facet in results. A value after a minus sign is excluded.
FACETS = ("category", "venue", "year")
# What a paper may have, as in ``has:code``.
HAS_VALUES = ("code", "pdf", "summary")
FILTER_PARAMETERS = (*FACETS, "has")
# Labels of the modes of search.ranking.pipeline, in the order of the menu.
MODE_LABELS = {
    "hybrid": gettext_lazy("Best match"),
    "bm25": gettext_lazy("Words only"),
    "dense": gettext_lazy("Meaning only"),
    "rerank": gettext_lazy("Rerank (slower)"),
}
_YEARS = re.compile(r"(?P<first>[0-9]{4})?(?:(?P<dots>\.\.)(?P<last>[0-9]{4})?)?", re.ASCII)
_MAX_VALUE = 200  # characters of a facet's value; venues have up to about 60


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """The parameters of one search page. ``chosen`` and ``excluded`` map each of FILTER_PARAMETERS to its values."""

    text: str
    start: int
    size: int
    sort: str
    chosen: dict[str, tuple[str, ...]]
    first_day: date | None = None
    last_day: date | None = None
    notes: tuple[str, ...] = ()
    mode: str | None = None  # None: the site's setting
    explain: bool = False
    excluded: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a query nor a filter."""
        return not self.text and not self.has_filters

    @property
    def has_filters(self) -> bool:
        values = (*self.chosen.values(), *self.excluded.values())
        return any(values) or self.first_day is not None or self.last_day is not None

    @property
    def filters(self) -> Filters:
        """The chosen facets and days."""
        years = any_of([years_node(*period) for value in self.chosen["year"] if (period := read_years(value))])
        return Filters(
            categories=self.chosen["category"],
            venues=self.chosen["venue"],
            start=self.first_day,
            end=self.last_day,
            conditions=(
                *((years,) if years else ()),
                *(Flag("has", value) for value in self.chosen.get("has", ())),
                *(Not(node) for node in self._excluded_nodes()),
            ),
        )

    def _excluded_nodes(self) -> Iterator[Node]:
        for name, values in self.excluded.items():
            for value in values:
                if name == "year":
                    if period := read_years(value):
                        yield years_node(*period)
                else:
                    yield Flag("has", value) if name == "has" else Exact(name, value)

    @property
    def question(self) -> Question:
        """The search that the parameters ask for."""
        return Question(
            self.text,
            filters=self.filters,
            mode=self.mode,
            sort=self.sort,
            start=self.start,
            top_k=self.size,
            explain=self.explain,
        )


def read_search_request(parameters: QueryDict) -> SearchRequest:
    """Read ``q`` (or ``query``), ``sort``, ``skip``, ``show``, ``from``, ``to``, ``mode``, ``explain``, the facets."""
    notes: list[str] = []
    text = (parameters.get("q") or parameters.get("query") or "").strip()
    start, size = read_slice(parameters, notes)
    sort = parameters.get("sort") or "relevance"
    if sort not in SEARCH_SORTS:
        notes.append(_("Unknown sort order “%(sort)s”.") % {"sort": sort[:40]})
        sort = "relevance"
    mode = parameters.get("mode") or None
    if mode is not None and mode not in MODE_LABELS:
        notes.append(_("Unknown ranking mode “%(mode)s”.") % {"mode": mode[:40]})
        mode = None
    explain = parameters.get("explain", "") not in ("", "0")
    first, last = read_range(parameters, notes)
    values = {name: _values(parameters, name) for name in FILTER_PARAMETERS}
    chosen = {name: tuple(value for value in some if not value.startswith("-")) for name, some in values.items()}
    excluded = {name: tuple(value[1:] for value in some if value[:1] == "-") for name, some in values.items()}
    return SearchRequest(text, start, size, sort, chosen, first, last, tuple(notes), mode, explain, excluded)


def read_years(text: str) -> tuple[int | None, int | None] | None:
    """First and last year of ``2024``, ``2021..2024``, ``2021..`` or ``..2024``; None for other text."""
    match = _YEARS.fullmatch(text)
    if match is None or not (match["first"] or match["last"]):
        return None
    first, last = (int(year) if year else None for year in (match["first"], match["last"]))
    if 0 in (first, last):  # no date has it
        return None
    if first and last and first > last:
        first, last = last, first
    return (first, last) if match["dots"] else (first, first)


def years_node(first: int | None, last: int | None) -> Range:
    """The condition for papers of some years."""
    return Range("year", date(first, 1, 1) if first else None, date(last, 12, 31) if last else None)


def _values(parameters: QueryDict, name: str) -> tuple[str, ...]:
    """Values of a filter in the address, each once; blank and unknown ones are left out."""
    values = (value.strip()[:_MAX_VALUE] for value in parameters.getlist(name))
    return tuple(dict.fromkeys(value for value in values if _is_value(name, value.removeprefix("-"))))


def _is_value(name: str, value: str) -> bool:
    if name == "year":
        return read_years(value) is not None
    return value in HAS_VALUES if name == "has" else bool(value)
