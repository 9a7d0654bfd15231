"""Lists of people as bibliographies write them, read into names in natural order. Pure.

BibTeX wants ``Doe, Jane and Roe, Richard``; met are also commas and semicolons between people, BibLaTeX's
``family=Doe, given=Jane``, and the index forms of PubMed (``Doe JA``). Start at :func:`split_people`. TeX accents must
be decoded before: ``and \\'Emile`` has no word boundary that a splitter would see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import unescape
from pathlib import Path

from coolpapers.papers.names.people import join_parts

_AND = re.compile(r"\s+(?:and|&)(?=\s)", re.IGNORECASE)
_ANY_AND = re.compile(r"\s(?:and|&)\s", re.IGNORECASE)
_GAPS = re.compile(r"\n|[ \t]{3,}")
_SEMICOLON = re.compile(r"[;；，、]")  # and what parts people in Chinese and Japanese
_COMMA = re.compile(r",")
_OTHERS = re.compile(r"(?:^|\s)\s*\{*(?:(?:and\s+)?others|et\.?\s*al\.?)\}*$", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:[Jj]r|[Ss]r|JR|SR|II|III|IV|2nd|3rd|4th|Ph\.? ?D)\.?")
# Behind given names without a comma, as PubMed writes it: King, Martin L Jr.
_SUFFIX_BEHIND = re.compile(r"(.+) ((?:[Jj]r|[Ss]r|II|III|IV|2nd|3rd|4th)\.?)")
# Degrees count behind the given names only: "Craven, M.D." has two initials.
_DEGREE = re.compile(r"(?:M\.?D|M\.?Sc|B\.?Sc|Esq|Dr|Prof)\.?")
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.[\s-]*){1,5}|(?:[A-Z][\s-]*){1,4}")
_INITIAL = re.compile(r"[^\W\d_]\.(?:-?[^\W\d_]\.)*|[A-Z]")
_PUBMED = re.compile(r"[^\W\d_][\w'’ -]*[^\W\d_A-Z] [A-Z]{1,3}(?: (?:Jr|Sr|2nd|3rd|4th))?")
# Scripts whose names have no blank between family and given name.
_CHINESE = re.compile(r"[\u3400-\u9fff\uac00-\ud7a3·]+")
_EXTENDED = re.compile(r"\s*(family|given|prefix|suffix|given-i|family-i|prefix-i|suffix-i|useprefix|id)\s*=\s*(.*)")
# A family name can begin with one (Van Gool, Luc), given names do not.
_CAPITAL = "Van Von De Del Della Der Den Di Da Dal Dos Du La Le El Al Ter Ten Ibn Bin Abu"
_CAPITAL_PARTICLES = frozenset(_CAPITAL.split())
_MAX_PEOPLE = 20_000


def split_people(text: str) -> list[str]:
    """Names of a list of people in natural order; *and others* is left out.

    >>> split_people("Doe, Jane and Ludwig van Beethoven and others")
    ['Jane Doe', 'Ludwig van Beethoven']
    >>> split_people("Linda Zhang, Jie Song and Kai Ma")
    ['Linda Zhang', 'Jie Song', 'Kai Ma']
    """
    if "&" in text:
        text = unescape(text)
    people = _lines_of_names(text) or _split(f" {' '.join(text.split())} ", _AND)[:_MAX_PEOPLE]
    if any(_SEMICOLON.search(person) for person in people):
        people = [name for person in people for name in _split(person, _SEMICOLON)]
    parts = [_without_others(_split(_bare(person), _COMMA)) for person in people]
    n_inverted = sum(len(person) > 1 for person in parts)
    names: list[str] = []
    for person in parts:
        # Whether the list writes its other people in natural order, and has some.
        others_natural = len(parts) > 1 and n_inverted <= (len(person) > 1)
        names.extend(_names(person, others_natural=others_natural))
    return [name for name in names if name]


def names_on_line(text: str) -> list[str]:
    """The names of a line that should hold one: some programs write several, ``Doe J, Roe R; Moe M``."""
    parts = _split(" ".join(text.split()), _COMMA)
    if _SEMICOLON.search(text) or _are_indexed(parts) or _are_joined(text):
        return split_people(text)
    return [name] if (name := _natural(parts)) else []


def names_or_organisation(text: str) -> list[str]:
    """The names of a line of EndNote, where one that ends in a comma is an organisation's: it is taken whole."""
    whole = text.rstrip()
    return [whole.rstrip(", ").replace(" and ", "\xa0and ")] if whole.endswith(",") else names_on_line(text)


def natural_name(text: str) -> str:
    """One name in natural order: ``van Doe, Jr., Jane`` and ``van Doe, Jane, Jr.`` become ``Jane van Doe Jr.``

    It may hold the boundary of :func:`~coolpapers.papers.names.people.join_parts`, as all names of this module.
    """
    return _natural(_split(" ".join(text.split()), _COMMA))


def _split(text: str, separator: re.Pattern[str]) -> list[str]:
    """Parts of the text between separators that stand outside braces, without the space around them."""
    if "{" not in text:
        parts = separator.split(text)
    else:
        parts = []
        start = depth = 0
        for found in re.finditer(rf"[{{}}]|{separator.pattern}", text, separator.flags):
            if found.group() in "{}":
                depth = max(0, depth + (1 if found.group() == "{" else -1))
            elif depth == 0:
                parts.append(text[start : found.start()])
                start = found.end()
        parts.append(text[start:])
    return [part for part in map(str.strip, parts) if part]


def _lines_of_names(text: str) -> list[str]:
    """People one a line or with wide gaps between them, and nothing else that parts them."""
    if ("\n" not in text and "   " not in text) or _ANY_AND.search(text) or any(sign in text for sign in ",;{="):
        return []
    lines = [" ".join(line.split()) for line in _GAPS.split(text) if line.strip()]
    return lines[:_MAX_PEOPLE] if len(lines) > 1 and all(2 <= len(line.split()) <= 5 for line in lines) else []


def _without_others(parts: list[str]) -> list[str]:
    return [left for part in parts if (left := _OTHERS.sub("", part))]


def _names(parts: Sequence[str], *, others_natural: bool) -> Iterator[str]:
    """The names of what stands between two *and*: one person, or several with commas between them."""
    if any(_EXTENDED.match(part) for part in parts):
        yield _extended_name(parts)
    elif len(parts) == 2 and _are_two_people(parts[0], parts[1], others_natural=others_natural):
        yield from parts
    elif _are_indexed(parts) or (len(parts) > 2 and not _is_one_person(parts)):
        yield from _people_of_list(parts)
    else:
        yield _natural(parts)


def _extended_name(parts: Sequence[str]) -> str:
    """BibLaTeX's extended name format: https://ctan.org/pkg/biblatex, section 3.4"""
    values: dict[str, str] = {}
    for part in parts:
        if match := _EXTENDED.match(part):
            values.setdefault(match[1], match[2].strip().strip('"').strip())
    family = " ".join(values[name] for name in ("prefix", "family") if values.get(name))
    return join_parts(values.get("given", ""), family, values.get("suffix", ""))


def _bare(person: str) -> str:
    """A person without the braces around BibLaTeX's whole extended name."""
    inner = person[1:-1] if person[:1] == "{" and person[-1:] == "}" else ""
    return inner if _EXTENDED.match(inner) and "}" not in inner else person


def _natural(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    if len(parts) == 2 and all(_CHINESE.fullmatch(part) for part in parts):
        return "".join(parts)
    if len(parts) == 2 and (behind := _SUFFIX_BEHIND.fullmatch(parts[1])):
        parts = [parts[0], behind[1], behind[2]]
    if len(parts) == 2 and " " not in parts[0] and parts[1].isupper():  # Doe, JR
        return f"{parts[1]} {parts[0]}"
    suffixes = [part for part in parts[1:] if _SUFFIX.fullmatch(part)]
    given = [part for part in parts[1:] if not _SUFFIX.fullmatch(part)]
    given = given[:1] + [part for part in given[1:] if not _DEGREE.fullmatch(part)]
    if len(given) > 1:  # BibTeX: family, suffix, given
        suffixes, given = given[:-1] + suffixes, given[-1:]
    return join_parts(" ".join(given), parts[0], " ".join(suffixes))


def _is_one_person(parts: Sequence[str]) -> bool:
    """Whether three or more parts are one name with its suffixes."""
    behind = parts[2:]
    return all(_SUFFIX.fullmatch(part) or _DEGREE.fullmatch(part) for part in behind) or (
        len(parts) == 3 and bool(_SUFFIX.fullmatch(parts[1]))
    )


def _are_two_people(first: str, second: str, *, others_natural: bool) -> bool:
    """Whether ``Jane Doe, Richard Roe`` are two: ``García Márquez, Gabriel José`` is one.

    A family name holds no initial and no common given name, given names of a person do not begin with a particle, and
    a list that writes its other people in natural order writes these so.
    """
    words, more = first.split(), second.split()
    if len(words) < 2 or len(more) < 2 or first.startswith("{"):
        return False
    if words[0].lstrip("'’‘`")[:1].islower() or words[0] in _CAPITAL_PARTICLES:
        return False
    if _INITIALS.fullmatch(second) or _INITIAL.fullmatch(more[-1]):
        return False
    if _INITIAL.fullmatch(words[0]):
        return True
    if words[0] not in _given_names() and _are_given(more):
        return False
    if others_natural:
        return not any(word[:1].islower() for word in words[:-1])
    return words[0] in _given_names() and more[0] in _given_names() and more[-1] not in _given_names()


def _people_of_list(parts: Sequence[str]) -> Iterator[str]:
    """People with nothing but commas between them, and between their own names maybe."""
    if _are_indexed(parts):
        for part in parts:
            family, _, initials = part.rpartition(" ")
            yield join_parts(initials, family)
        return
    alternate = len(parts) % 2 == 0 and (
        all(_INITIALS.fullmatch(part) for part in parts[1::2])
        or (len(parts) > 2 and all(" " not in part for part in parts) and _are_given(parts[1::2]))
    )
    if alternate:
        yield from (join_parts(given, family) for family, given in zip(parts[::2], parts[1::2]))
        return
    waiting = ""
    for part in parts:
        if waiting and (_INITIALS.fullmatch(part) or _SUFFIX.fullmatch(part)):
            yield f"{waiting} {part}" if _SUFFIX.fullmatch(part) else join_parts(part, waiting)
            waiting = ""
            continue
        if waiting:
            yield waiting
        waiting = part
    if waiting:
        yield waiting


def _are_indexed(parts: Sequence[str]) -> bool:
    """Whether several people stand in PubMed's form: ``Doe JA, Roe R``."""
    return len(parts) > 1 and all(_PUBMED.fullmatch(part) for part in parts)


def _are_joined(text: str) -> bool:
    """Whether *and* stands between whole people: ``Doe, J. and Roe, R.``, ``Jane Doe & John Roe``."""
    people = _split(text, _AND)
    if len(people) < 2:
        return False
    if all("," in person for person in people):
        return True
    words = [person.split() for person in people]
    return all(
        1 < len(person) < 5 and (person[0] in _given_names() or _INITIAL.fullmatch(person[0])) for person in words
    )


def _are_given(words: Sequence[str]) -> bool:
    return all(word in _given_names() for word in words)


@cache
def _given_names() -> frozenset[str]:
    """Two thousand given names that are seldom family names, from the authors of papers."""
    return frozenset((Path(__file__).parent / "given_names.txt").read_text(encoding="utf-8").split())
