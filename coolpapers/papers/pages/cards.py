"""What a card shows of a paper, worked out before the template so that the template only places it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from django.utils import formats, translation

from coolpapers.papers.lookup.readers import current_readers
from coolpapers.papers.models import Paper
from coolpapers.papers.names.permalinks import (
    author_paths,
    paper_name,
    paper_path,
    path_maker,
    source_label,
    venue_path,
    web_address,
)
from search.vocabulary.categories import category_name

AUTHORS_SHOWN = 40  # more are folded behind "et al."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paper can be found on the web; addresses are "" where we have none that is safe to link."""

    label: str
    ident: str
    page_url: str
    pdf_url: str


@dataclass(frozen=True)
class Card:
    """One paper at its place in a list. ``highlights`` holds safe HTML by field where a search found words."""

    paper: Paper
    number: int = 1
    highlights: Mapping[str, Any] = field(default_factory=dict)
    why: Any = None  # what a ranking says of its place, for the template of whoever ranked
    n_stars: int = 0  # readers who starred it
    is_new: bool = False  # since the reader's last look at a followed search

    @cached_property
    def name(self) -> str:
        """How addresses name the paper."""
        return paper_name(self.paper)

    @cached_property
    def path(self) -> str:
        return paper_path(self.paper)

    @cached_property
    def pdf_url(self) -> str:
        """The PDF's address as a source gave it, or arXiv's for a paper that is there."""
        if own := web_address(self.paper.pdf_url):
            return own
        if self.paper.arxiv_id:
            return f"https://arxiv.org/pdf/{self.paper.arxiv_id}"
        return next((place.pdf_url for place in self.places if place.pdf_url), "")

    @property
    def source_url(self) -> str:
        """The paper's page where it came from; "" where we have none that is safe to link."""
        return web_address(self.paper.page_url) or next((place.page_url for place in self.places if place.page_url), "")

    @property
    def code_url(self) -> str:
        return web_address(self.paper.code_url)

    @property
    def places(self) -> list[Place]:
        """Every source of the paper, the first one first."""
        sources = sorted(self.paper.sources.all(), key=lambda source: (source.key != self.paper.key, source.pk))
        return [
            Place(source_label(source.source), source.ident, web_address(source.page_url), web_address(source.pdf_url))
            for source in sources
        ]

    @property
    def authors(self) -> list[tuple[str, str]]:
        """Names and the addresses of their papers, those shown at once."""
        return _linked(self.paper.authors[:AUTHORS_SHOWN])

    @property
    def first_author(self) -> str:
        return self.paper.authors[0] if self.paper.authors else ""

    @property
    def has_coauthors(self) -> bool:
        return len(self.paper.authors) > 1

    @property
    def folded_authors(self) -> list[tuple[str, str]]:
        return _linked(self.paper.authors[AUTHORS_SHOWN:])

    @property
    def subjects(self) -> list[tuple[str, str, str]]:
        """Code, name and address of each category, primary first."""
        language, path_of = translation.get_language(), path_maker("papers:show_arxiv")
        return [(code, _category_name(code, language), path_of(code)) for code in self.paper.categories]

    @property
    def venue_path(self) -> str:
        venue = self.paper.venue
        return venue_path(venue.slug, self.paper.venue_year) if venue else ""

    @cached_property
    def date(self) -> date | None:
        """The day a reader files the paper under: when it was announced, else submitted."""
        return self.paper.announced or self.paper.submitted

    @property
    def date_text(self) -> str:
        """The date in the reader's language; "" for a paper without one."""
        return _day_text(self.date, translation.get_language()) if self.date else ""


@lru_cache(maxsize=1024)
def _category_name(code: str, _language: str | None) -> str:
    return category_name(code)


@lru_cache(maxsize=4096)  # a page has the same few days in every card; formatting one takes 20 µs
def _day_text(day: date, _language: str | None) -> str:
    return formats.date_format(day, "DATE_FORMAT")


def _linked(names: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(names, author_paths(names), strict=True))


def make_cards(
    papers: Sequence[Paper],
    *,
    start: int = 0,
    highlights: Mapping[str, Mapping[str, Any]] | None = None,
    why: Mapping[str, Any] | None = None,
) -> list[Card]:
    """Cards of one page of a list that begins at ``start`` (counted from 0)."""
    marked, reasons = highlights or {}, why or {}
    stars = current_readers().count_stars([paper.key for paper in papers])
    return [
        Card(paper, number, marked.get(paper.key, {}), reasons.get(paper.key), stars.get(paper.key, 0))
        for number, paper in enumerate(papers, start=start + 1)
    ]
