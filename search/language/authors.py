"""Author names as people type them: ``Hinton, G``, ``G. Hinton``, ``Hinton_G``, ``del_maestro``. Pure.

In an author field every text is a name (:func:`read_author`). Elsewhere only an unambiguous form is read as a name
(:func:`find_name`), and its words are searched as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from search.language.query import And, Author, Node, Or, Phrase, Term
from search.text.scripts import UNSPACED

# Lower-case parts that belong to the family name. "del" and the like may be capitalised: Del Maestro.
PARTICLES = frozenset({
    "al", "ap", "bin", "da", "dal", "das", "de", "degli", "dei", "del", "della", "den", "der", "di", "do",
    "dos", "du", "e", "el", "ibn", "la", "las", "le", "les", "lo", "los", "mac", "san", "st", "ten", "ter",
    "van", "vande", "vander", "vom", "von", "y", "zu", "zum", "zur",
})  # fmt: skip
# Words of the longest name that is recognised outside an author field: J. P. van der Waals.
MAX_NAME_WORDS = 6

# A single character of Chinese, Japanese or Korean is a name, no initial.
_LETTER = rf"[^\W\d_{UNSPACED}]"
_INITIAL = re.compile(rf"(?:{_LETTER}\.?[-–]?)|(?:{_LETTER}\.[-–]?)+{_LETTER}?\.?")
_DOTTED = re.compile(r"(?:[^\W\d_a-z]\.[-–]?)+")
_FAMILY = re.compile(r"[^\W\d_][^\W\d_'’–-]*(?:['’–-][^\W\d_]+)*")
_OUTER = re.compile(r"^[\s,;]+|[\s,;]+$")
_RUN_TOGETHER = re.compile(r"[^\W\d_]{2,3}")


def read_author(text: str) -> Node | None:
    """The node for the value of an author field; None where it has no letter or digit."""
    name = " ".join(text.replace("_", " ").split()).strip(" ,;")
    if not any(char.isalnum() for char in name):
        return None
    family, comma, rest = name.partition(",")
    if comma:
        given = write_given(rest.partition(",")[0])
        family = family.strip(" ,;")
        if given and any(char.isalnum() for char in family):
            return Author(family, given)
    words = name.replace(",", " ").split()
    if len(words) == 1:
        return Term(words[0], "author")
    return _initialled(words) or _full_name(words)


def find_name(words: Sequence[str]) -> tuple[int, Author] | None:
    """The author named by the first words of a query: how many words the name has, and the author.

    >>> find_name(["G.", "E.", "Hinton", "distillation"])
    (3, Author(family='Hinton', given='G E'))
    >>> find_name(["Hinton_G"])
    (1, Author(family='Hinton', given='G'))
    """
    return _underscored(words[0]) or _comma_form(words) or _initials_first(words)


def may_begin_name(word: str) -> bool:
    """Whether :func:`find_name` can recognise a name that begins with this word: a quick check for most words."""
    return not word.isalpha() or word in PARTICLES


def name_or_words(author: Author) -> Node:
    """A name outside an author field: that author, or all words of the name anywhere."""
    words = (*author.family.split(), *author.given.split())
    return Or((author, And(tuple(Term(word) for word in words))))


def write_underscored(author: Author) -> str:
    """The name as one word of a query, the way arXiv's API writes it: ``van_der_Waals_J``."""
    return "_".join((*author.family.split(), *author.given.split()))


def write_given(text: str) -> str:
    """Given names or initials without full stops, one space between: ``G.E.`` and ``GE`` are ``G E``."""
    parts = re.split(r"[.\s–-]+", text)
    letters: list[str] = []
    for part in parts:
        is_run = _RUN_TOGETHER.fullmatch(part) and part.isupper()
        letters.extend(part if is_run else [part])
    return _OUTER.sub("", " ".join(part for part in letters if any(char.isalnum() for char in part)))


def _initialled(words: list[str]) -> Author | None:
    """``G. E. Hinton`` or ``Hinton G E``: initials at one end, a family name at the other."""
    first = next((n for n, word in enumerate(words) if not _INITIAL.fullmatch(word)), 0)
    if first:
        return _author(words[first:], words[:first])
    last = next((n for n, word in enumerate(reversed(words)) if not _INITIAL.fullmatch(word)), 0)
    if last:
        return _author(words[:-last], words[-last:])
    return None


def _author(family: list[str], given: list[str]) -> Author:
    return Author(" ".join(family).strip(" ,;"), write_given(" ".join(given)))


def _full_name(words: list[str]) -> Node:
    """``Geoffrey Hinton``: the words as a phrase, or that family name with given names that begin so."""
    phrase = Phrase(" ".join(words), "author")
    start = next((n for n, word in enumerate(words) if word.casefold() in PARTICLES), len(words) - 1)
    given = write_given(" ".join(words[:start]))
    if not given or start == len(words):
        return phrase
    return Or((phrase, Author(" ".join(words[start:]), given)))


def _underscored(word: str) -> tuple[int, Author] | None:
    parts = word.strip(",;").split("_")
    n_initials = 0
    while n_initials < len(parts) and len(parts[-1 - n_initials]) == 1 and parts[-1 - n_initials].isupper():
        n_initials += 1
    family = parts[: len(parts) - n_initials]
    if not n_initials or not _is_family(family):
        return None
    return 1, Author(" ".join(family), " ".join(parts[-n_initials:]))


def _comma_form(words: Sequence[str]) -> tuple[int, Author] | None:
    """``Hinton, G``. "Specifically, I" and "However, A" are the beginning of a sentence."""
    for n in range(1, min(len(words), MAX_NAME_WORDS)):
        if words[n - 1].endswith(","):
            given = words[n].rstrip(",;")
            is_given = _DOTTED.fullmatch(given) or (len(given) == 1 and given.isupper() and given not in "AI")
            family = [*words[: n - 1], words[n - 1].rstrip(",")]
            return (n + 1, Author(" ".join(family), write_given(given))) if is_given and _is_family(family) else None
    return None


def _initials_first(words: Sequence[str]) -> tuple[int, Author] | None:
    n_initials = 0
    while n_initials < len(words) and _DOTTED.fullmatch(words[n_initials]):
        n_initials += 1
    if not n_initials:
        return None
    for n in range(n_initials + 1, min(len(words), MAX_NAME_WORDS) + 1):
        family = [word.rstrip(",;.?") for word in words[n_initials:n]]
        if _is_family(family):
            return n, Author(" ".join(family), write_given(" ".join(words[:n_initials])))
        if family[-1] not in PARTICLES:
            return None
    return None


def _is_family(words: Sequence[str]) -> bool:
    """Particles, then one capitalised word of two letters or more."""
    if not words or not all(word in PARTICLES for word in words[:-1]):
        return False
    family = words[-1]
    return len(family) > 1 and family[0].isupper() and bool(_FAMILY.fullmatch(family))
