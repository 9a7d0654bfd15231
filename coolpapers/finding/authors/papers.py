"""The papers of an author, from the index and the catalogue. Start at :func:`find_author`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from coolpapers.finding.authors.spellings import PersonName, Spellings, divide_spellings, read_person, read_reading
from coolpapers.papers.models import Paper
from coolpapers.papers.names.permalinks import author_path
from search.engines.base import SearchBackend
from search.engines.results import Request
from search.language.query import Exact, Node, Or, Phrase, Term
from search.language.unparse import unparse
from search.text.analysis import index_folded
from search.text.names import name_readings

MAX_PAPERS = 2_000  # of one author, the newest; the most frequent name of a library of 100,000 has 160
MAX_SPELLINGS = 12  # of one author that are searched
MAX_FOLLOWED = 6  # spellings in the query that follows an author
N_OTHERS = 8  # other names that are shown
N_COAUTHORS = 16
# Longer lists of authors are collaborations, in which few work together.
_MAX_TEAM = 60


@dataclass(frozen=True, slots=True)
class NameCount:
    """A name as papers spell it, and its papers."""

    name: str
    n_papers: int

    @property
    def path(self) -> str:
        """The address of the page of the name."""
        return author_path(self.name)


@dataclass(frozen=True, slots=True)
class AuthorPaper:
    """One paper of an author, as far as the page of the author needs it before it shows the paper."""

    pk: int
    year: int | None
    authors: Sequence[str]


@dataclass(frozen=True, slots=True)
class AuthorPapers:
    """What a library has of an author.

    ``others`` are names that may be the same person. ``is_ambiguous``: the name fits several people. ``total`` exceeds
    the number of ``papers`` where there are more than MAX_PAPERS.
    """

    name: str
    papers: Sequence[AuthorPaper]
    spellings: Sequence[NameCount] = ()
    others: Sequence[NameCount] = ()
    is_ambiguous: bool = False
    total: int = 0
    coauthors: Sequence[NameCount] = ()

    @property
    def variants(self) -> list[NameCount]:
        """Other spellings than ``name``, without those that differ from a more frequent one in marks and case only."""
        by_words = {index_folded(one.name): one for one in reversed(self.spellings)}
        by_words.pop(index_folded(self.name), None)
        return list(reversed(by_words.values()))

    @property
    def query(self) -> str:
        """The query that finds these papers: the name in its most frequent spellings, and nobody else's."""
        names = [self.name, *(one.name for one in self.variants)][:MAX_FOLLOWED]
        nodes = tuple(Exact("exactauthor", " ".join(name.replace('"', " ").split())) for name in names)
        return unparse(Or(nodes) if len(nodes) > 1 else nodes[0])

    @property
    def years(self) -> list[tuple[int, int]]:
        """Years with their papers, newest first."""
        counts = Counter(paper.year for paper in self.papers if paper.year)
        return sorted(counts.items(), reverse=True)

    def narrowed(self, *, year: int | None = None, coauthor: str = "") -> AuthorPapers:
        """Only the papers of a year, or with a co-author; co-authors are those of the papers that are left."""
        papers = [
            paper
            for paper in self.papers
            if (year is None or paper.year == year) and (not coauthor or coauthor in paper.authors)
        ]
        names = {spelling.name for spelling in self.spellings}
        return replace(self, papers=papers, coauthors=_count_coauthors(papers, names))


def find_author(engine: SearchBackend, text: str, *, sort: str = "newest") -> AuthorPapers:
    """The author that a name stands for; without papers where the library has nobody of that name.

    ``sort`` is newest, oldest or updated.

    Raises
    ------
    IndexMissing, IndexDamaged
    """
    person = read_person(text)
    if person is None:
        return AuthorPapers(text, ())
    counts = _readings_near(engine, person)
    spellings = divide_spellings(person, counts)
    names = list(dict.fromkeys((person, *spellings.own)))[:MAX_SPELLINGS]
    result = engine.search(_tree(names, text), Request(top_k=MAX_PAPERS, sort=sort))
    papers = _read_papers([hit.key for hit in result.hits])
    readings = {name.reading for name in names}
    matching, found = _spelled_so(papers, readings)
    own = _counted(found)
    return AuthorPapers(
        _shown_name(text, own),
        matching,
        spellings=own,
        others=_other_names(engine, spellings, counts),
        is_ambiguous=spellings.is_ambiguous,
        total=max(len(matching), (result.total or 0) if len(papers) == MAX_PAPERS else 0),
        coauthors=_count_coauthors(matching, set(found)),
    )


def _readings_near(engine: SearchBackend, person: PersonName) -> dict[PersonName, int]:
    """The names of the index with this family name and the first letter of this given name, with their papers."""
    prefix = f"{'_'.join(person.family)}|{person.given[0][0] if person.given else ''}"
    return {read_reading(reading): n for reading, n in engine.words("author_exact", prefix)}


def _tree(names: Sequence[PersonName], text: str) -> Node:
    """Papers that have the words of one of the names side by side, in either order."""
    phrases = {name.words for name in names if name.words.isascii()}
    phrases |= {" ".join((*name.family, *name.given)) for name in names if name.words.isascii()}
    nodes: list[Node] = [_words(phrase) for phrase in sorted(phrases)] or [_words(text)]
    return Or(tuple(nodes)) if len(nodes) > 1 else nodes[0]


def _words(text: str) -> Node:
    return Phrase(text, "author") if " " in text else Term(text, "author")


def _read_papers(keys: Sequence[str]) -> list[AuthorPaper]:
    rows = Paper.objects.filter(key__in=keys).values_list("key", "pk", "year", "venue_year", "announced", "authors")
    by_key = {
        key: AuthorPaper(pk, _year(year or venue_year, day), names) for key, pk, year, venue_year, day, names in rows
    }
    return [by_key[key] for key in keys if key in by_key]


def _year(year: int | None, announced: date | None) -> int | None:
    return year or (announced.year if announced else None)


def _spelled_so(papers: Iterable[AuthorPaper], readings: Collection[str]) -> tuple[list[AuthorPaper], Counter[str]]:
    """The papers with an author of one of the readings, and how often each spelling occurs."""
    found: Counter[str] = Counter()
    matching = []
    for paper in papers:
        names = [name for name in paper.authors if any(reading in readings for reading in name_readings(name))]
        found.update(names)
        if names:
            matching.append(paper)
    return matching, found


def _count_coauthors(papers: Iterable[AuthorPaper], own: Collection[str]) -> tuple[NameCount, ...]:
    teams = (paper.authors for paper in papers if len(paper.authors) <= _MAX_TEAM)
    counts = Counter(name for team in teams for name in team if name not in own)
    return tuple(_counted(counts)[:N_COAUTHORS])


def _counted(counts: Counter[str]) -> list[NameCount]:
    """The most frequent names first, equally frequent ones by name."""
    return [NameCount(name, n) for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _shown_name(text: str, own: Sequence[NameCount]) -> str:
    """The name as asked for where papers spell it so, else the most frequent spelling."""
    names = [spelling.name for spelling in own]
    if text in names:
        return text
    return next((name for name in names if name.casefold() == text.casefold()), names[0] if names else text)


def _other_names(engine: SearchBackend, spellings: Spellings, counts: dict[PersonName, int]) -> tuple[NameCount, ...]:
    """The most frequent of the other names, as a paper spells each."""
    frequent = sorted(spellings.others, key=lambda name: (-counts[name], name.words))[:N_OTHERS]
    keys = [_one_key(engine, name) for name in frequent]
    authors = dict(Paper.objects.filter(key__in=[key for key in keys if key]).values_list("key", "authors"))
    return tuple(NameCount(_spelling_in(authors.get(key, ()), name), counts[name]) for name, key in zip(frequent, keys))


def _one_key(engine: SearchBackend, name: PersonName) -> str:
    hits = engine.search(_tree([name], name.words), Request(top_k=1, with_total=False)).hits
    return next((hit.key for hit in hits), "")


def _spelling_in(authors: Iterable[str], name: PersonName) -> str:
    fitting: Iterator[str] = (author for author in authors if name.reading in name_readings(author))
    return next(fitting, name.words.title())
