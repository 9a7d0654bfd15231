"""arXiv's author lines: names, collaborations and affiliations. Pure.

The form is described at https://info.arxiv.org/help/prep.html#author: people with commas or *and* between them, a
collaboration before a colon, affiliations in parentheses behind the names or numbered at the end:
``QUaD collaboration: S. Gupta (1), P. Ade (1,2) ((1) Cardiff University, (2) JPL)``. Start at :func:`read_author_line`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:,\s*(?:and|&)\s+|,|;|\s+and\s+|\s+&\s+|:(?=\s|$))\s*")
_ET_AL = re.compile(r"et\.?\s*al\.?", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_GLUED_INITIAL = re.compile(r"(?<=[^\W\d_])\.(?=[^\W\d_]{2,})")
_REFERENCES = re.compile(r"(?:\s|[\d,&;*†‡§]|and|[a-z](?![a-z]))+", re.IGNORECASE)
_NUMBERED = re.compile(r"\(\s*(\d{1,3}|[a-z*†‡])\s*\)\s*")
_FOR_GROUP = re.compile(
    r"(?<= )(?:for|on behalf of|representing) (?:the )?((?:[\w/&+-]{1,40} ){1,4}(?:Collaborations?|Consortium))\b",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"\s*(?:for|on behalf|\d+ (?:additional|more|other)|representing|deceased|et\.? al|the authors?|equal|joint|"
    r"contribut|corresponding|editors?\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AuthorLine:
    """Names in order, and the institutions they name, each once."""

    names: tuple[str, ...]
    affiliations: tuple[str, ...]


def read_author_line(line: str) -> AuthorLine:
    r"""Read a line such as ``C. Bal\'azs, E. L. Berger (Argonne), J. Doe, Jr. and X. Yuan``."""
    line = " ".join(line.split())
    prose, asides = _split_parentheses(line)
    prose, groups = _without_groups(" ".join(prose.split()))
    places = (place for aside in asides for place in _places(aside))
    names = [*split_names(prose), *groups]
    return AuthorLine(tuple(names), tuple(dict.fromkeys(places)))


def _without_groups(line: str) -> tuple[str, list[str]]:
    """The line without the collaborations for which its people write, and those: ``J. Doe for the X Collaboration``."""
    groups = [match[1] for match in _FOR_GROUP.finditer(line)]
    return (_FOR_GROUP.sub(" ", line), list(dict.fromkeys(groups))) if groups else (line, [])


def split_names(line: str) -> list[str]:
    """Names of a line without parentheses; a suffix behind a comma belongs to the name before it."""
    names: list[str] = []
    for part in _SEPARATOR.split(" ".join(line.split())):
        name = _GLUED_INITIAL.sub(". ", " ".join(part.split()))
        if _SUFFIX.fullmatch(name) and names:
            names[-1] += f" {name}"
        elif is_name(name):
            names.append(name)
    return names


def is_name(text: str) -> bool:
    """Whether this can be an author: ``:`` and ``et al.`` come in arXiv's lists of authors, too."""
    return bool(_LETTER.search(text)) and not _ET_AL.fullmatch(text)


def join_name(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _split_parentheses(line: str) -> tuple[str, list[str]]:
    """The line without what stands in parentheses, which may be nested, and that; one that never closes runs on."""
    prose: list[str] = []
    asides: list[str] = []
    depth = start = 0
    for position, char in enumerate(line):
        if char == "(":
            if depth == 0:
                start = position + 1
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            if depth == 0:
                asides.append(line[start:position])
                prose.append(" ")
        elif not depth and char != ")":
            prose.append(char)
    if depth:
        asides.append(line[start:])
    return "".join(prose), asides


def _places(aside: str) -> Iterable[str]:
    """Institutions in one pair of parentheses: numbered ones, or one; numbers alone refer to those."""
    if _NUMBERED.match(aside.strip()):
        pieces = _NUMBERED.split(aside)[2::2]
    elif aside.startswith("(") or _REFERENCES.fullmatch(aside) or _NO_PLACE.match(aside):
        pieces = []
    else:
        pieces = [aside]
    return _cleaned(pieces)


def _cleaned(pieces: Iterable[str]) -> Iterator[str]:
    for piece in pieces:
        place = re.sub(r"\s*(?:,|;|\band)\s*$", "", piece.strip(" .,;")).strip(" .,;")
        if len(place) > 1 and _LETTER.search(place):
            yield place
