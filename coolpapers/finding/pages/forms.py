"""The parameters of a search page. An invalid value yields a note, never an error page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coolpapers.finding.questions import Filters, Question
from coolpapers.papers.lookup.readers import READER_SORTS
from coolpapers.papers.pages.forms import read_range, read_slice

SEARCH_SORTS = {
    "relevance": gettext_lazy("Relevance"),
    "newest": gettext_lazy("Newest"),
    "oldest": gettext_lazy("Oldest"),
    "updated": gettext_lazy("Updated"),
    **READER_SORTS,
}
# Facets of the page: the parameter is the name of the facet in results.
FACETS = ("category", "venue", "year")
# Labels of the modes of search.ranking.pipeline, in the order of the menu.
MODE_LABELS = {
    "hybrid": gettext_lazy("Best match"),
    "bm25": gettext_lazy("Words only"),
    "dense": gettext_lazy("Meaning only"),
    "rerank": gettext_lazy("Rerank (slower)"),
}
_MAX_VALUE = 200  # characters of a facet's value; venues have up to about 60


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """The parameters of one search page. ``chosen`` maps each facet to its chosen values."""

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

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a query nor a filter."""
        return not self.text and not any(self.chosen.values()) and self.first_day is None and self.last_day is None

    @property
    def filters(self) -> Filters:
        """The chosen facets and days."""
        return Filters(
            categories=self.chosen["category"],
            venues=self.chosen["venue"],
            years=tuple(int(year) for year in self.chosen["year"] if year.isascii() and year.isdigit()),
            start=self.first_day,
            end=self.last_day,
        )

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
    chosen = {name: _values(parameters, name) for name in FACETS}
    return SearchRequest(text, start, size, sort, chosen, first, last, tuple(notes), mode, explain)


def _values(parameters: QueryDict, name: str) -> tuple[str, ...]:
    """Values of a facet in the address, each once; blank ones are left out."""
    values = (value.strip()[:_MAX_VALUE] for value in parameters.getlist(name))
    return tuple(dict.fromkeys(value for value in values if value))
