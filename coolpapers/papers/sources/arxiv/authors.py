"""arXiv's author lines: names, collaborations and affiliations. Pure.

The form is described at https://info.arxiv.org/help/prep.html#author: people with commas or *and* between them, a
collaboration before a colon, affiliations in parentheses behind the names or numbered at the end:
``QUaD collaboration: S. Gupta (1), P. Ade (1,2) ((1) Cardiff University, (2) JPL)``. Start at :func:`read_author_line`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:,\s*(?:and|&)\s+|,|;|\s+and\s+|\s+&\s+|:(?=\s|$))\s*")
_ET_AL = re.compile(r"et\.?\s*al\.?", re.IGNORECASE)
_LAST_ET_AL = re.compile(r"\s+et\.?\s*al\.?$", re.IGNORECASE)
# What stands behind a comma and is no person: "Doe, J. M." is one, in the order of an index.
_INITIALS = re.compile(r"(?:[A-Z]\.[ -]?){1,4}")
_BRACKETS = re.compile(r" ?\[[\d\s,*†‡]+\]")
# Stand for separators inside a name while a line is split.
_AND, _COMMA = "\x1a", "\x1b"
_LETTER = re.compile(r"[^\W\d_]")
_GLUED_INITIAL = re.compile(r"(?<=[^\W\d_])\.(?=[^\W\d_]{2,})")
_REFERENCES = re.compile(r"(?:\s|[\d,&;*†‡§]|and|[a-z](?![a-z]))+", re.IGNORECASE)
_NUMBERED = re.compile(r"[(\[]\s*(\d{1,3}|[a-z*†‡])\s*[)\]]\s*")
_GROUP = r"((?:[\w/&+.-]{1,40} ){1,4}(?:Collaborations?|Consortium))\b"
_FOR_GROUP = re.compile(rf"(?<= )(?:for|on behalf of|representing) (?:the )?{_GROUP}", re.IGNORECASE)
# In parentheses: (for the ALICE Collaboration), (LIGO Scientific Collaboration and Virgo Collaboration).
_GROUP_ASIDE = re.compile(
    rf"(?:(?:for|on behalf of|representing) )?(?:the )?{_GROUP}(?:,? (?:and|&) (?:the )?{_GROUP})?", re.IGNORECASE
)
# One name of several groups: "The CMS and TOTEM Collaborations".
_GROUPS = re.compile(
    r"(?:^|(?<=[,;:] ))((?:[Tt]he )?[A-Z][\w/+-]{0,40}(?:, [A-Z][\w/+-]{0,40}){0,5}),? and "
    r"([A-Z][\w/+-]{0,40} Collaborations)\b"
)
_NO_PLACE = re.compile(
    r"\s*(?:for|on behalf|\d+ (?:additional|more|other)|representing|deceased|et\.? al|the authors?|equal|joint|"
    r"contribut|corresponding|editors?\b|n[ée]e\b|born\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AuthorLine:
    """Names in order, and the institutions they name, each once."""

    names: tuple[str, ...]
    affiliations: tuple[str, ...]


def read_author_line(line: str) -> AuthorLine:
    r"""Read a line such as ``C. Bal\'azs, E. L. Berger (Argonne), J. Doe, Jr. and X. Yuan``."""
    line = " ".join(unescape(line).split())
    prose, asides = _split_parentheses(line)
    prose, groups = _without_groups(_BRACKETS.sub("", " ".join(prose.split())))
    groups += [name for aside in asides if (match := _GROUP_ASIDE.fullmatch(aside)) for name in match.groups() if name]
    places = (place for aside in asides for place in _places(aside))
    names = split_names(prose)
    names += [group for group in dict.fromkeys(groups) if group not in names]
    return AuthorLine(tuple(names), tuple(dict.fromkeys(places)))


def _without_groups(line: str) -> tuple[str, list[str]]:
    """The line without the collaborations for which its people write, and those: ``J. Doe for the X Collaboration``."""
    groups = [match[1] for match in _FOR_GROUP.finditer(line)]
    return (_FOR_GROUP.sub(" ", line), groups) if groups else (line, [])


def split_names(line: str) -> list[str]:
    """Names of a line without parentheses; a suffix behind a comma belongs to the name before it."""
    names: list[str] = []
    line = " ".join(line.split())
    if "Collaborations" in line:
        line = _GROUPS.sub(_one_name, line)
    for part in _SEPARATOR.split(line):
        name = _GLUED_INITIAL.sub(". ", _LAST_ET_AL.sub("", " ".join(part.split()))).replace(_AND, " and ")
        name = name.removeprefix("the ").replace(_COMMA, ", ")
        if _SUFFIX.fullmatch(name) and names:
            names[-1] += f" {name}"
        elif _INITIALS.fullmatch(name) and names and " " not in names[-1] and len(names[-1]) > 2:
            names[-1] = f"{name} {names[-1]}"
        elif is_name(name):
            names.append(name)
    return names


def _one_name(match: re.Match[str]) -> str:
    """Groups that share a name, without what would part them."""
    return f"{match[1].replace(', ', _COMMA)}{_AND}{match[2]}"


def is_name(text: str) -> bool:
    """Whether this can be an author: ``:`` and ``et al.`` come in arXiv's lists of authors, too."""
    return bool(_LETTER.search(text)) and not _ET_AL.fullmatch(text)


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
    elif (
        aside.startswith("(") or _GROUP_ASIDE.fullmatch(aside) or _REFERENCES.fullmatch(aside) or _NO_PLACE.match(aside)
    ):
        pieces = []
    else:
        pieces = [aside]
    return _cleaned(pieces)


def _cleaned(pieces: Iterable[str]) -> Iterator[str]:
    for piece in pieces:
        place = re.sub(r"\s*(?:,|;|\band)\s*$", "", piece.strip(" .,;")).strip(" .,;")
        if len(place) > 1 and _LETTER.search(place):
            yield place
