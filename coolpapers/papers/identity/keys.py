"""Keys by which records that may describe one work find each other. Pure. Start at :func:`keys_of`.

Two records are compared where they share a registry entry, an arXiv id, a DOI or one of these numbers of 64 bits. Equal
keys are no evidence; what the records say is compared by :mod:`.verdicts`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from coolpapers.papers.identity.people import fold_word
from coolpapers.papers.identity.title_matches import FUNCTION_WORDS
from coolpapers.papers.identity.titles import fold_title

_MIN_LETTERS = 16  # of a folded title; a shorter one is many papers'
_MIN_MATCH = 8
_MAX_MATCH = 64  # Paper.match_key
_MASK = 2**64 - 1
_NAME_BREAKS = re.compile(r"[.\s]+")


class WorkKeys(NamedTuple):
    """``title`` and ``authors`` are None where a record says too little to be found by them.

    ``title`` is shared by equal titles, short ones with the same first author; ``authors`` by lists of
    the same length, first and last author, for papers published under another title (of a single author: with a nearly
    equal one); ``match`` by equal titles
    with the same first author's surname and initial.
    """

    title: int | None
    authors: int | None
    match: str


def keys_of(title: str, authors: Sequence[str]) -> WorkKeys:
    """The keys of a record."""
    folded = fold_title(title)
    first = _short_name(authors[0]) if authors else ""
    key = _title_key(folded, first)
    match = f"{key & _MASK:x}{first}"[:_MAX_MATCH] if first and key is not None and len(folded) >= _MIN_MATCH else ""
    return WorkKeys(key, _authors_key(title, first, authors), match)


def _title_key(folded: str, first: str) -> int | None:
    if len(folded) >= _MIN_LETTERS:
        return _number(folded)
    return _number(f"{folded}|{first[:-1]}") if folded and first else None


def _authors_key(title: str, first: str, authors: Sequence[str]) -> int | None:
    """Of the first and the last of several authors and their number: reading all names would take a sixth longer."""
    if len(authors) > 1:
        return _number(f"{len(authors)};{first};{_short_name(authors[-1])}")
    words = "".join(word.rstrip("s.,:;") for word in title.lower().split() if word not in FUNCTION_WORDS)
    return _number(f"{first};{words}") if first and len(words) >= _MIN_LETTERS else None


def _short_name(name: str) -> str:
    """Surname and initial, roughly: ``hintong`` of *Geoffrey E. Hinton* and *Hinton, G.*"""
    family = name.rpartition(" ")[2]
    if name.isascii() and family.isalpha() and "," not in name:
        short = (family + name[0]).lower()
        has_umlaut = "ue" in short or "oe" in short or "ae" in short or "aa" in short  # maybe, written out
        return _short_name_with_signs(name) if has_umlaut else short
    return _short_name_with_signs(name)


def _short_name_with_signs(name: str) -> str:
    family, comma, given = name.partition(",")
    if not comma:
        given, _, family = name.strip().rpartition(" ")
    family = fold_word(_NAME_BREAKS.split(family.strip().rstrip("."))[-1])
    return f"{family}{fold_word(given.strip()[:1] or name[:1])}"


def _number(text: str) -> int:
    """A signed number of 64 bits, as databases keep it."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)
