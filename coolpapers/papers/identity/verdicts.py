"""Whether two records describe one work, decided from all that they say. Pure. Start at :func:`compare`.

The rows of the table in docs/reference/sources.md stand here in the same order, as :data:`_ROWS`. Each row is a
question; the first that has an answer decides. No row decides from one field: an identifier needs a title or authors
beside it, a title needs authors, and both need a year and a venue that fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum

from coolpapers.papers.identity.evidence import FILE, Evidence
from coolpapers.papers.identity.pairs import Pair
from coolpapers.papers.identity.people import AuthorMatch
from coolpapers.papers.identity.places import VenueMatch
from coolpapers.papers.identity.title_matches import TitleMatch

_MAX_YEARS = 2


class Relation(Enum):
    SAME = "same"
    DOUBTFUL = "doubtful"  # they stay apart and are listed for an administrator
    DIFFERENT = "different"  # they never stand in one work, whatever other records say
    UNRELATED = "unrelated"


class Rank(IntEnum):
    """How strong the evidence for *same* is. Works are made of the strongest pairs first; see :mod:`.grouping`."""

    NONE = 0
    UNPUBLISHED = 10  # a preprint and a rejected or withdrawn submission
    RETITLED = 20  # a preprint and its publication under another title, with the same abstract
    UNDATED = 30  # a year is missing
    TWO_YEARS = 40
    ONE_YEAR = 50
    SAME_YEAR = 60
    SAME_PLACE = 70  # the same year and venue
    SAME_ID = 80
    SAME_ENTRY = 90
    ADMINISTRATOR = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` is the name of the row that decided; ``is_listed``: an administrator may want to look at the pair."""

    relation: Relation
    rank: Rank = Rank.NONE
    reason: str = ""
    is_listed: bool = False


_UNRELATED = Verdict(Relation.UNRELATED)


def compare(one: Evidence, other: Evidence) -> Verdict:
    """The verdict on two records, the same in either order."""
    pair = Pair(one, other)
    for row in _ROWS:
        verdict = row(pair)
        if verdict is not None:
            return verdict
    return _UNRELATED


def is_other_paper(stored: Evidence, incoming: Evidence) -> bool:
    """Whether a file uses an id of its own again, for a paper with another title by other people.

    Ids of arXiv, DOIs and registries are given to one work for good, so a record under such an id is a new state of it.
    """
    if incoming.source != FILE:
        return False
    pair = Pair(stored, incoming)
    if pair.shares_arxiv_id or pair.shares_doi:
        return False
    return pair.title < TitleMatch.RELATED and pair.authors is AuthorMatch.OTHER


def _same(rank: Rank, reason: str) -> Verdict:
    return Verdict(Relation.SAME, rank, reason)


def _doubtful(reason: str) -> Verdict:
    return Verdict(Relation.DOUBTFUL, reason=reason, is_listed=True)


def _different(reason: str, *, is_listed: bool = False) -> Verdict:
    return Verdict(Relation.DIFFERENT, reason=reason, is_listed=is_listed)


def _registry_entry(pair: Pair) -> Verdict | None:
    """One entry of a registry is one work where title or authors agree; two entries are two works."""
    if not (pair.one.is_registry and pair.one.source == pair.other.source):
        return None
    if pair.one.ident != pair.other.ident:
        return _different("entry")
    return _same(Rank.SAME_ENTRY, "entry") if _title_or_authors_agree(pair) else _doubtful("entry")


def _arxiv_id(pair: Pair) -> Verdict | None:
    if not (pair.one.arxiv_id and pair.other.arxiv_id):
        return None
    if not pair.shares_arxiv_id:
        return _different("arxiv")
    if pair.kinds_differ:
        return _different("kind")
    return _same(Rank.SAME_ID, "arxiv") if _title_or_authors_agree(pair) else _doubtful("arxiv")


def _kind_and_signs(pair: Pair) -> Verdict | None:
    """An erratum is not its paper, W+ is not W−, part I is not part II."""
    if pair.kinds_differ:
        return _different("kind")
    return _different("signs") if pair.title is TitleMatch.SIGNS else None


def _shared_doi(pair: Pair) -> Verdict | None:
    """A shared DOI needs an agreeing title, or all authors and half of the title's words."""
    if not pair.shares_doi:
        return None
    if pair.title >= TitleMatch.VARIANT:
        if pair.authors is not AuthorMatch.OTHER:
            return _same(Rank.SAME_ID, "doi")
        return _different("authors", is_listed=True)
    if pair.authors < AuthorMatch.AGREE:
        return _UNRELATED
    is_retitled = pair.authors is AuthorMatch.ALL and pair.title >= TitleMatch.RELATED and not pair.are_files
    return _same(Rank.SAME_ID, "doi") if is_retitled else _doubtful("doi")


def _other_title(pair: Pair) -> Verdict | None:
    return _UNRELATED if pair.title < TitleMatch.RELATED and not _is_retitled(pair) else None


def _authors(pair: Pair) -> Verdict | None:
    """A title without the first author and half of the others is no match."""
    if pair.authors >= AuthorMatch.AGREE:
        return None
    if pair.authors is AuthorMatch.UNKNOWN:
        return _unnamed(pair)
    if pair.title < TitleMatch.NEAR:
        return _UNRELATED
    if pair.authors is AuthorMatch.OTHER:
        return _different("authors")
    return _UNRELATED if pair.is_recurring else _doubtful("authors")


def _unnamed(pair: Pair) -> Verdict:
    """Without authors on one side a title decides only where it is long, special and the rest fits."""
    if pair.title is not TitleMatch.EQUAL or pair.is_recurring or pair.is_short:
        return _UNRELATED
    if pair.venue in (VenueMatch.OTHER, VenueMatch.UNSURE) or pair.dois_differ:
        return _different("venue") if pair.venue is VenueMatch.OTHER else _doubtful("authors")
    if pair.years is None:
        is_printed = (pair.one.is_pdf or pair.other.is_pdf) and pair.is_distinctive
        return _same(Rank.UNDATED, "printed title") if is_printed else _doubtful("authors")
    if pair.is_distinctive and pair.years <= 1:
        return _same(Rank.UNDATED, "long title")
    return _doubtful("authors")


def _other_doi(pair: Pair) -> Verdict | None:
    """Two DOIs are two publications, such as a conference paper and its journal version."""
    if pair.title < TitleMatch.VARIANT or not pair.dois_differ:
        return None
    return _different("doi", is_listed=pair.venue is not VenueMatch.OTHER)


def _recurring(pair: Pair) -> Verdict | None:
    """What comes again every year needs the same year, venue, volume and pages."""
    if not pair.is_recurring:
        return None
    if pair.title is not TitleMatch.EQUAL or pair.venue in (VenueMatch.OTHER, VenueMatch.UNSURE) or pair.years:
        return _different("recurring")
    if not pair.is_same_volume:
        return _different("recurring")
    if pair.venue is VenueMatch.SAME and pair.years == 0:
        return _same(Rank.SAME_PLACE, "title and authors")
    return _doubtful("recurring")


def _venue(pair: Pair) -> Verdict | None:
    """A workshop paper, the conference paper and the journal article it became are works of their own."""
    if pair.title < TitleMatch.VARIANT:
        return None
    if pair.venue is VenueMatch.OTHER:
        return _different("venue")
    is_other_place = pair.is_other_place or (pair.is_short and not pair.is_same_volume)
    if pair.venue is VenueMatch.SAME and is_other_place:
        return _doubtful("venue")
    return _doubtful("venue") if pair.venue is VenueMatch.UNSURE else None


def _year(pair: Pair) -> Verdict | None:
    """Years may differ by two between a preprint and its publication, by one within a venue, else not at all."""
    if pair.title < TitleMatch.VARIANT:
        return None
    if pair.years is None:
        return _doubtful("year") if pair.is_short else None
    if pair.years == 0:
        return None
    if pair.is_preprint_and_publication or pair.has_preprint:
        allowed = 1 if pair.is_short else _MAX_YEARS
    else:
        allowed = 1 if pair.venue is VenueMatch.SAME and pair.is_same_volume and not pair.is_book else 0
    return _doubtful("year") if pair.years > allowed else None


def _equal_title(pair: Pair) -> Verdict | None:
    if pair.title is not TitleMatch.EQUAL:
        return None
    return _same(_rank(pair), "title and authors")


def _near_title(pair: Pair) -> Verdict | None:
    """Function words, plurals, spelling, a name in front: all authors must agree and years be next to each other."""
    if pair.title < TitleMatch.VARIANT:
        return None
    if pair.abstracts_differ and not pair.is_preprint_and_publication:
        return _doubtful("title")
    is_close = pair.authors is AuthorMatch.ALL and pair.years is not None and pair.years <= 1
    if pair.title is TitleMatch.VARIANT:
        is_close = is_close and pair.n_authors > 1 and pair.is_preprint_and_publication
    if not is_close and not pair.shares_abstract:
        return _doubtful("title")
    return _same(min(_rank(pair), Rank.ONE_YEAR), "near title and authors")


def _retitled(pair: Pair) -> Verdict | None:
    """A preprint that was published under another title: the same people, years and abstract."""
    if _is_retitled(pair):
        return _same(Rank.RETITLED, "abstract and authors")
    years = pair.years if pair.years is not None else _MAX_YEARS
    if pair.title is TitleMatch.LIKE and pair.authors is AuthorMatch.ALL and years <= _MAX_YEARS:
        return _doubtful("title")
    return _UNRELATED


def _is_retitled(pair: Pair) -> bool:
    is_close = pair.is_preprint_and_publication and pair.years is not None and pair.years <= 1
    return is_close and pair.n_authors > 1 and pair.authors >= AuthorMatch.AGREE and pair.shares_abstract


_ROWS: tuple[Callable[[Pair], Verdict | None], ...] = (
    _registry_entry,
    _arxiv_id,
    _kind_and_signs,
    _shared_doi,
    _other_title,
    _authors,
    _other_doi,
    _recurring,
    _venue,
    _year,
    _equal_title,
    _near_title,
    _retitled,
)


def _rank(pair: Pair) -> Rank:
    if pair.one.is_unpublished != pair.other.is_unpublished:
        return Rank.UNPUBLISHED
    if pair.years is None:
        return Rank.UNDATED
    if pair.years == 0:
        return Rank.SAME_PLACE if pair.venue is VenueMatch.SAME else Rank.SAME_YEAR
    return Rank.ONE_YEAR if pair.years == 1 else Rank.TWO_YEARS


def _title_or_authors_agree(pair: Pair) -> bool:
    """Equal or near titles by nobody else, or agreeing authors."""
    if pair.authors >= AuthorMatch.AGREE:
        return True
    return pair.title >= TitleMatch.VARIANT and pair.authors is not AuthorMatch.OTHER
