"""Suggestions of a search box: categories, venues, authors, completed words, papers."""

from __future__ import annotations

import logging
import re
from itertools import islice

from coolpapers.finding.pages.author_names import complete_authors
from coolpapers.finding.pages.field_values import Suggestion, describe, find_categories, suggest_values
from coolpapers.papers.lookup.cached_counts import cached_count
from coolpapers.papers.lookup.selectors import VenueYear, count_venues
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.names.permalinks import author_path, category_path, paper_path
from search.engines.registry import search_backend
from search.engines.results import Request
from search.errors import SearchError
from search.language.parser import parse_leniently
from search.vocabulary.categories import category_name

logger = logging.getLogger(__name__)

# A field at the end of a text, with the beginning of its value, which may have blanks after a quotation mark.
_FIELD = re.compile(r'(?:^|[\s(])-?(?P<name>cat|category|venue|au|author):(?P<value>"[^"]*|[^\s"()]*)$', re.IGNORECASE)
MIN_LETTERS = 2
N_PLACES = 3  # of each: categories, venues
N_AUTHORS = 3
N_WORDS = 3
N_PAPERS = 5
_MAX_TEXT = 200  # characters: a longer text is pasted, not typed


def suggest(text: str) -> list[Suggestion]:
    """At most 17 suggestions for an unfinished text. Without an index, categories and venues only.

    Where the text ends in a field of the query language (``graph cat:cs.``), they are values of that field.
    """
    text = " ".join(text.split())
    if not MIN_LETTERS <= len(text) <= _MAX_TEXT:
        return []
    if (field := _FIELD.search(text)) is not None:
        return suggest_values(text[: field.start("value")], field["name"].lower(), field["value"].lstrip('"'))
    revision = latest_revision()
    places = [*_categories(text, revision), *_venues(text, revision)]
    try:
        return [*places, *_authors(text), *_completions(text), *_papers(text)]
    except SearchError as error:
        logger.warning("No suggestions from the index: %s", error)
        return places


def _categories(text: str, revision: int) -> list[Suggestion]:
    counted = islice(find_categories(text, revision), N_PLACES)
    return [Suggestion(code, describe(category_name(code), n), category_path(code)) for code, n in counted]


def _venues(text: str, revision: int) -> list[Suggestion]:
    label_start = text.lower()
    starts = label_start, label_start.replace(" ", ".")
    fitting = (venue for names, venue in _names_of_venues(revision) if any(name.startswith(starts) for name in names))
    return [Suggestion(venue.label, describe("", venue.n_papers), venue.path) for venue in islice(fitting, N_PLACES)]


def _names_of_venues(revision: int) -> tuple[tuple[tuple[str, str], VenueYear], ...]:
    """The texts that begin a venue's name, in lower case, and the venue; in the order of :func:`count_venues`."""

    def read() -> tuple[tuple[tuple[str, str], VenueYear], ...]:
        venues = count_venues(revision=revision)
        return tuple(((venue.ident.lower(), venue.label.lower()), venue) for venue in venues)

    return cached_count("names of venues", read, revision=revision)


def _authors(text: str) -> list[Suggestion]:
    return [
        Suggestion(author.name, describe("", author.n_papers), author_path(author.name))
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
