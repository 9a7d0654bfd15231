"""Spellings of one author's name: which of them can be the same person. Pure; start at :func:`divide_spellings`.

A name is a family name with given names, as folded words; an initial is a given name of one letter. Two names conflict
if their family names differ, or a given name of one contradicts that of the other at its place: ``Geoffrey Hinton``,
``G. Hinton`` and ``Geoffrey E. Hinton`` do not conflict; ``Gerald Hinton`` conflicts with the first and the third.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations

from search.language.authors import PARTICLES
from search.text.analysis import tokenize

# An author listed under arXiv's identifiers: warner_s_1.
_ARXIV_AUTHOR = re.compile(r"(?P<family>[^\W\d]+(?:[_-][^\W\d]+)*?)_(?P<initial>[^\W\d_])_\d+")


@dataclass(frozen=True, slots=True)
class PersonName:
    """Folded words; ``given`` is empty for a name of one word."""

    family: tuple[str, ...]
    given: tuple[str, ...]

    @property
    def reading(self) -> str:
        """The token of the name in an index (``search.text.names``)."""
        return f"{'_'.join(self.family)}|{'_'.join(self.given)}"

    @property
    def words(self) -> str:
        """The words in the order of writing."""
        return " ".join((*self.given, *self.family))


@dataclass(frozen=True, slots=True)
class Spellings:
    """The names of a library divided by what they are to one name.

    ``own`` can only be that person; ``others`` may be, or may be someone else. ``is_ambiguous``: the name itself fits
    several people who conflict with each other, so ``own`` has only the names with the same words.
    """

    own: tuple[PersonName, ...]
    others: tuple[PersonName, ...]
    is_ambiguous: bool = False


def read_person(text: str) -> PersonName | None:
    """A name as people write it: ``Geoffrey E. Hinton``, ``Hinton, G.``, ``van der Waals``; None without a letter."""
    family, comma, given = " ".join(text.replace("_", " ").split()).partition(",")
    if comma and (first := _fold(family)):
        return PersonName(first, _fold(given.partition(",")[0]))
    words = _fold(family)
    if not words:
        return None
    # "e" and "y" are particles, too, but far more often initials.
    start = next((n for n, word in enumerate(words) if n and len(word) > 1 and word in PARTICLES), len(words) - 1)
    return PersonName(words[start:], words[:start])


def read_reading(reading: str) -> PersonName:
    """The name that a token of an index stands for."""
    family, _bar, given = reading.partition("|")
    return PersonName(_split(family), _split(given))


def read_arxiv_author(text: str) -> str:
    """The name in an author identifier of arXiv, "" for any other text.

    >>> read_arxiv_author("warner_s_1"), read_arxiv_author("van_der_waals_j_2"), read_arxiv_author("Simeon_Warner")
    ('S. Warner', 'J. van der waals', '')
    """
    match = _ARXIV_AUTHOR.fullmatch(text)
    if match is None:
        return ""
    family = match["family"].replace("_", " ")
    return f"{match['initial'].upper()}. {family if ' ' in family else family.title()}"


def conflicts(one: PersonName, other: PersonName) -> bool:
    """Whether two names cannot be the same person. Missing given names do not conflict."""
    if one.family != other.family:
        return True
    if "".join(one.given) == "".join(other.given):  # Ya-Qin, Yaqin
        return False
    return any(not _agree(mine, theirs) for mine, theirs in zip(one.given, other.given))


def divide_spellings(name: PersonName, library: Iterable[PersonName]) -> Spellings:
    """Divide the names of a library, all with the same family name and first letter, by what they are to ``name``.

    A name becomes the person's own where it can be nobody else: ``G. Hinton`` is Geoffrey Hinton as long as the
    library has no Gerald Hinton.
    """
    names = list(dict.fromkeys(library))
    fitting = [other for other in names if not conflicts(name, other)]
    if any(conflicts(one, other) for one, other in combinations(fitting, 2)):
        exact = [other for other in fitting if "".join(other.given) == "".join(name.given)]
        return Spellings(tuple(exact), _without(fitting, exact), is_ambiguous=True)
    strangers = [other for other in names if conflicts(name, other)]
    own = [other for other in fitting if other == name or all(conflicts(other, stranger) for stranger in strangers)]
    return Spellings(tuple(own), _without(fitting, own))


def _without(names: Iterable[PersonName], taken: Collection[PersonName]) -> tuple[PersonName, ...]:
    return tuple(name for name in names if name not in taken)


def _agree(mine: str, theirs: str) -> bool:
    return mine == theirs or (1 in (len(mine), len(theirs)) and mine[0] == theirs[0])


def _fold(text: str) -> tuple[str, ...]:
    return tuple(token.folded for token in tokenize(text))


def _split(words: str) -> tuple[str, ...]:
    return tuple(word for word in words.split("_") if word)
