"""Two records side by side: what each field says of their being one work. Pure. Start at :class:`Pair`."""

from __future__ import annotations

import re
from functools import cached_property

from coolpapers.papers.identity.dois import is_preprint_doi
from coolpapers.papers.identity.evidence import FILE, Evidence
from coolpapers.papers.identity.kinds import is_recurring, kind_of
from coolpapers.papers.identity.people import AuthorMatch, compare_authors
from coolpapers.papers.identity.places import VenueMatch, is_same_name, years_apart
from coolpapers.papers.identity.title_matches import TitleMatch, compare_titles
from coolpapers.papers.identity.titles import is_distinctive, is_short

_WORD = re.compile(r"\w+")
_SHINGLE = 6  # words; abstracts that share most of their runs of six were not written twice
_MIN_SHINGLES = 20
_MIN_SHARED, _MAX_OTHER = 0.8, 0.1


class Pair:
    """Two records; each property compares them in one respect and is computed when it is asked for."""

    def __init__(self, one: Evidence, other: Evidence) -> None:
        self.one, self.other = one, other

    @cached_property
    def title(self) -> TitleMatch:
        return compare_titles(self.one.title, self.other.title)

    @cached_property
    def authors(self) -> AuthorMatch:
        return compare_authors(self.one.authors, self.other.authors)

    @cached_property
    def venue(self) -> VenueMatch:
        one, other = self.one, self.other
        if not (one.venue and other.venue):
            return self._venue_of_journal_ref()
        if one.venue.lower() == other.venue.lower() and one.is_workshop != other.is_workshop:
            return VenueMatch.OTHER
        if one.venue.lower() == other.venue.lower() or is_same_name(one.venue_name, other.venue_name):
            return VenueMatch.SAME
        return VenueMatch.OTHER if one.is_known_venue and other.is_known_venue else VenueMatch.UNSURE

    @cached_property
    def years(self) -> int | None:
        """Years apart."""
        return years_apart(self.one.years, self.other.years)

    @property
    def is_same_volume(self) -> bool:
        """Whether volume and first page do not differ, as far as both records give them."""
        one, other = self.one, self.other
        pairs = ((one.volume, other.volume), (one.first_page, other.first_page))
        return not any(here and there and here != there for here, there in pairs)

    @property
    def is_other_place(self) -> bool:
        """Whether both name an issue or a first page of a volume, and another one.

        Article numbers and preprints begin on page 1, so that page says nothing.
        """
        issues = self.one.issue, self.other.issue
        pages = self.one.first_page, self.other.first_page
        return _are_other_numbers(*issues) or ("1" not in pages and _are_other_numbers(*pages))

    @property
    def kinds_differ(self) -> bool:
        """Whether one is about the other, or a book, a thesis or data and the other is not."""
        families = self.one.family, self.other.family
        return kind_of(self.one.title) != kind_of(self.other.title) or (all(families) and families[0] != families[1])

    @property
    def is_recurring(self) -> bool:
        return is_recurring(self.one.title) or is_recurring(self.other.title)

    @property
    def is_short(self) -> bool:
        return is_short(self.one.title) or is_short(self.other.title)

    @property
    def is_distinctive(self) -> bool:
        return is_distinctive(self.one.title) and is_distinctive(self.other.title) and not self.is_recurring

    @property
    def n_authors(self) -> int:
        return min(len(self.one.authors), len(self.other.authors))

    @property
    def is_book(self) -> bool:
        """Whether both are books, whose editions have one title."""
        return self.one.family == self.other.family == "book"

    @property
    def are_files(self) -> bool:
        return self.one.source == self.other.source == FILE

    @property
    def has_preprint(self) -> bool:
        return self.one.is_preprint or self.other.is_preprint

    @property
    def is_preprint_and_publication(self) -> bool:
        """Whether one is a preprint or names no venue, and the other is published."""
        return self.one.is_published != self.other.is_published

    @property
    def shares_arxiv_id(self) -> bool:
        return bool(self.one.arxiv_id) and self.one.arxiv_id == self.other.arxiv_id

    @property
    def shares_doi(self) -> bool:
        return bool(self.one.doi) and self.one.doi == self.other.doi

    @property
    def dois_differ(self) -> bool:
        """Whether both are publications with DOIs of their own."""
        one, other = self.one.doi, self.other.doi
        return bool(one and other and one != other) and not (is_preprint_doi(one) or is_preprint_doi(other))

    @property
    def shares_abstract(self) -> bool:
        """Whether both have an abstract and most runs of six words are the same."""
        return self._common_abstract is not None and self._common_abstract >= _MIN_SHARED

    @property
    def abstracts_differ(self) -> bool:
        """Whether both have an abstract and hardly a run of six words is the same."""
        return self._common_abstract is not None and self._common_abstract <= _MAX_OTHER

    @cached_property
    def _common_abstract(self) -> float | None:
        """The share of the shorter abstract's runs of words that are in both; None where one says too little."""
        here, there = _shingles(self.one.abstract), _shingles(self.other.abstract)
        shorter = min(len(here), len(there))
        return len(here & there) / shorter if shorter >= _MIN_SHINGLES else None

    def _venue_of_journal_ref(self) -> VenueMatch:
        """A preprint's journal reference agrees with a venue or says nothing: it is free text."""
        one, other = self.one, self.other
        named = one.venue_name or one.journal_ref, other.venue_name or other.journal_ref
        return VenueMatch.SAME if all(named) and is_same_name(*named) else VenueMatch.MISSING


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return {tuple(words[n : n + _SHINGLE]) for n in range(len(words) - _SHINGLE + 1)}


def _are_other_numbers(one: str, other: str) -> bool:
    return one != other and one.isdecimal() and other.isdecimal()
