"""Values of fields of the query language for the search box: categories, venues, authors. Start at suggest_values."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from coolpapers.finding.pages.author_names import complete_authors
from coolpapers.papers.lookup.cached_counts import cached_count
from coolpapers.papers.lookup.selectors import count_categories, count_venues
from coolpapers.papers.models import latest_revision
from search.errors import SearchError
from search.vocabulary.categories import arxiv_category_name, category_name

logger = logging.getLogger(__name__)

N_VALUES = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``path`` is the address that it leads to; "" means a search for ``text``. ``words`` is a description.

    A text with a blank at its end is not searched yet: the reader goes on typing.
    """

    text: str
    words: str = ""
    path: str = ""


def suggest_values(head: str, field: str, value: str) -> list[Suggestion]:
    """The values of a field that begin with ``value``, each written behind ``head`` (``graph cat:``)."""
    complete = _COMPLETERS[field]
    try:
        values = complete(value)
    except SearchError as error:
        logger.warning("No suggestions from the index: %s", error)
        return []
    return [Suggestion(f"{head}{text} ", words) for text, words in values[:N_VALUES]]


def find_categories(text: str, revision: int) -> Iterator[tuple[str, int]]:
    """Categories whose code, or a word of whose name, begins with the text, with their papers; the largest first.

    The name is the English one or that of the page's language. Chinese names are matched at any character.
    """
    typed = text.lower()
    starts = re.compile(rf"(?:\b|(?<=[^\0-\x7f])){re.escape(typed)}", re.IGNORECASE)
    counts = count_categories(revision=revision)
    for code, names in _names_of_categories(revision):
        if code.lower().startswith(typed) or starts.search(names):
            yield code, counts[code]


def _names_of_categories(revision: int) -> tuple[tuple[str, str], ...]:
    """Code and names of each category of the library, in the order of :func:`count_categories`."""

    def read() -> tuple[tuple[str, str], ...]:
        codes = count_categories(revision=revision)
        return tuple((code, f"{category_name(code)} {arxiv_category_name(code)}") for code in codes)

    return cached_count(f"names of categories {get_language()}", read, revision=revision)


def describe(name: str, n_papers: int) -> str:
    """A name with its number of papers, or the number alone."""
    number = ngettext("%(n)d paper", "%(n)d papers", n_papers) % {"n": n_papers}
    return _("%(name)s · %(number)s") % {"name": name, "number": number} if name else number


def _categories(value: str) -> list[tuple[str, str]]:
    """The last of several codes with commas between is completed."""
    before, comma, typed = value.rpartition(",")
    counted = islice(find_categories(typed, latest_revision()), N_VALUES)
    return [(f"{before}{comma}{code}", describe(category_name(code), n_papers)) for code, n_papers in counted]


def _venues(value: str) -> list[tuple[str, str]]:
    """Series, and years of a series, whose name begins with the value: the largest and newest first."""
    typed = value.lower().replace(".", " ")
    series: dict[str, int] = {}
    years = []
    for venue in count_venues(revision=latest_revision()):
        names = (venue.slug.lower(), venue.series.lower())
        if any(name.startswith(typed) for name in names):
            series[venue.slug] = series.get(venue.slug, 0) + venue.n_papers
        if venue.year and any(f"{name} {venue.year}".startswith(typed) for name in names):
            years.append((venue.year, venue.slug, venue.n_papers))
    largest = sorted(series.items(), key=lambda item: -item[1])
    values = [(_written(slug), describe("", n)) for slug, n in largest[: N_VALUES if len(series) > 1 else 1]]
    if len(series) <= 1:
        values += [(_written(f"{slug} {year}"), describe("", n)) for year, slug, n in sorted(years, reverse=True)]
    return values


def _written(venue: str) -> str:
    return f'"{venue}"' if re.search(r"\W", venue) else venue


def _authors(value: str) -> list[tuple[str, str]]:
    authors = complete_authors(value.replace("_", " "), limit=N_VALUES)
    return [(f'"{author.name}"', describe("", author.n_papers)) for author in authors]


_COMPLETERS: dict[str, Callable[[str], list[tuple[str, str]]]] = {
    "cat": _categories,
    "category": _categories,
    "venue": _venues,
    "au": _authors,
    "author": _authors,
}
