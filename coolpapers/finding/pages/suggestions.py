"""Suggestions of a search box: categories, venues, authors, completed words, papers."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from coolpapers.finding.pages.author_names import complete_authors
from coolpapers.papers.lookup.cached_counts import cached_count
from coolpapers.papers.lookup.selectors import VenueYear, count_categories, count_venues
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.names.permalinks import author_path, category_path, paper_path
from search.engines.registry import search_backend
from search.engines.results import Request
from search.errors import SearchError
from search.language.parser import parse_leniently
from search.vocabulary.categories import arxiv_category_name, category_name

logger = logging.getLogger(__name__)

MIN_LETTERS = 2
N_PLACES = 3  # of each: categories, venues
N_AUTHORS = 3
N_WORDS = 3
N_PAPERS = 5
_MAX_TEXT = 200  # characters: a longer text is pasted, not typed


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``path`` is the address that it leads to; "" means a search for ``text``. ``words`` is a description."""

    text: str
    words: str = ""
    path: str = ""


def suggest(text: str) -> list[Suggestion]:
    """At most 17 suggestions for an unfinished text. Without an index, categories and venues only."""
    text = " ".join(text.split())
    if not MIN_LETTERS <= len(text) <= _MAX_TEXT:
        return []
    revision = latest_revision()
    places = [*_categories(text, revision), *_venues(text, revision)]
    try:
        return [*places, *_authors(text), *_completions(text), *_papers(text)]
    except SearchError as error:
        logger.warning("No suggestions from the index: %s", error)
        return places


def _categories(text: str, revision: int) -> list[Suggestion]:
    """Categories whose code, or a word of whose name, begins with the text; the largest first.

    The name is the English one or that of the page's language. Chinese names are matched at any character.
    """
    typed = text.lower()
    starts = re.compile(rf"(?:\b|(?<=[^\0-\x7f])){re.escape(typed)}", re.IGNORECASE)
    counts = count_categories(revision=revision)
    fitting = (
        code for code, names in _names_of_categories(revision) if code.lower().startswith(typed) or starts.search(names)
    )
    return [
        Suggestion(code, _describe(category_name(code), counts[code]), category_path(code))
        for code in islice(fitting, N_PLACES)
    ]


def _names_of_categories(revision: int) -> tuple[tuple[str, str], ...]:
    """Code and names of each category of the library, in the order of :func:`count_categories`."""

    def read() -> tuple[tuple[str, str], ...]:
        codes = count_categories(revision=revision)
        return tuple((code, f"{category_name(code)} {arxiv_category_name(code)}") for code in codes)

    return cached_count(f"names of categories {get_language()}", read, revision=revision)


def _venues(text: str, revision: int) -> list[Suggestion]:
    label_start = text.lower()
    starts = label_start, label_start.replace(" ", ".")
    fitting = (venue for names, venue in _names_of_venues(revision) if any(name.startswith(starts) for name in names))
    return [Suggestion(venue.label, _describe("", venue.n_papers), venue.path) for venue in islice(fitting, N_PLACES)]


def _names_of_venues(revision: int) -> tuple[tuple[tuple[str, str], VenueYear], ...]:
    """The texts that begin a venue's name, in lower case, and the venue; in the order of :func:`count_venues`."""

    def read() -> tuple[tuple[tuple[str, str], VenueYear], ...]:
        venues = count_venues(revision=revision)
        return tuple(((venue.ident.lower(), venue.label.lower()), venue) for venue in venues)

    return cached_count("names of venues", read, revision=revision)


def _authors(text: str) -> list[Suggestion]:
    return [
        Suggestion(author.name, _describe("", author.n_papers), author_path(author.name))
        for author in complete_authors(text, limit=N_AUTHORS)
    ]


def _completions(text: str) -> list[Suggestion]:
    """The text with its last word completed, the most frequent completion first."""
    head, _blank, last = text.rpartition(" ")
    if not re.fullmatch(r"\w{2,}", last):
        return []
    words = [word for word in search_backend().complete(last.lower(), limit=N_WORDS + 1) if word != last.lower()]
    return [Suggestion(f"{head} {word}".strip()) for word in words[:N_WORDS]]


def _papers(text: str) -> list[Suggestion]:
    """Papers whose title has all words; the last word may be unfinished."""
    words = re.findall(r"\w+", text)
    if not words or len(words[-1]) < MIN_LETTERS:
        return []
    query = " ".join(f"ti:{word}" for word in words[:-1]) + f" ti:{words[-1]}*"
    hits = search_backend().search(parse_leniently(query).root, Request(top_k=N_PAPERS, with_total=False)).hits
    rows = Paper.objects.filter(key__in=[hit.key for hit in hits]).only("key", "title", "year", "arxiv_id")
    papers = {paper.key: paper for paper in rows.prefetch_related("sources")}
    present = [papers[hit.key] for hit in hits if hit.key in papers]
    return [Suggestion(paper.title, str(paper.year or ""), paper_path(paper)) for paper in present]


def _describe(name: str, n_papers: int) -> str:
    number = ngettext("%(n)d paper", "%(n)d papers", n_papers) % {"n": n_papers}
    return _("%(name)s · %(number)s") % {"name": name, "number": number} if name else number
