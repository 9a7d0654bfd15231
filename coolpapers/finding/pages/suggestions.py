"""Suggestions of a search box: categories, venues, authors, completed words, papers."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coolpapers.finding.pages.author_names import complete_authors
from coolpapers.finding.questions import Question
from coolpapers.finding.services import search_papers
from coolpapers.papers.lookup.selectors import count_categories, count_venues, papers_by_keys
from coolpapers.papers.models import latest_revision
from coolpapers.papers.names.permalinks import author_path, category_path, paper_path
from search.engines.registry import search_backend
from search.errors import SearchError
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
    places = [*_categories(text), *_venues(text)]
    try:
        return [*places, *_authors(text), *_completions(text), *_papers(text)]
    except SearchError as error:
        logger.warning("No suggestions from the index: %s", error)
        return places


def _categories(text: str) -> list[Suggestion]:
    """Categories whose code, or a word of whose name, begins with the text; the largest first.

    The name is the English one or that of the page's language. Chinese names are matched at any character.
    """
    typed = text.lower()
    starts = re.compile(rf"(?:\b|(?<=[^\0-\x7f])){re.escape(typed)}", re.IGNORECASE)
    suggestions = [
        Suggestion(code, _describe(category_name(code), n_papers), category_path(code))
        for code, n_papers in count_categories(revision=latest_revision()).items()
        if code.lower().startswith(typed) or starts.search(f"{category_name(code)} {arxiv_category_name(code)}")
    ]
    return suggestions[:N_PLACES]


def _venues(text: str) -> list[Suggestion]:
    label_start = text.lower()
    ident_start = label_start.replace(" ", ".")
    suggestions = [
        Suggestion(venue.label, _describe("", venue.n_papers), venue.path)
        for venue in count_venues(revision=latest_revision())
        if venue.ident.lower().startswith(ident_start) or venue.label.lower().startswith(label_start)
    ]
    return suggestions[:N_PLACES]


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
    page = search_papers(Question(query.strip(), top_k=N_PAPERS))
    if page.relaxed:
        return []
    papers = papers_by_keys(hit.key for hit in page.hits)
    present = [papers[hit.key] for hit in page.hits if hit.key in papers]
    return [Suggestion(paper.title, str(paper.year or ""), paper_path(paper)) for paper in present]


def _describe(name: str, n_papers: int) -> str:
    number = ngettext("%(n)d paper", "%(n)d papers", n_papers) % {"n": n_papers}
    return _("%(name)s · %(number)s") % {"name": name, "number": number} if name else number
