"""Names of authors, split as reference managers want them.

Papers keep a name as one string in natural order ("Ludwig van der Vaart"); BibTeX, RIS and CSL sort by
family name and so need to know where it begins. Names have no grammar, so this follows BibTeX's rule
(lower-case words before the last one belong to the family name) and adds the particles that many people
write with a capital. Where a source tells more (``García Márquez, Gabriel``), it joins the parts with
:func:`join_parts`, and a paper keeps such names in the order of an index beside its authors, as ``sort_names``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Between given and family name on the way from a source to the catalogue: a character of private use.
BOUNDARY = "\ue000"
_SUFFIX = re.compile(r"^(?:Jr|Sr|JR|SR|II|III|IV|2nd|3rd)\.?$")
_INNER_SUFFIX = re.compile(r"(?:Jr|Sr)\.?")
# Degrees behind a name are no part of it, nor is DBLP's number of a namesake (Jakob Uszkoreit 0001).
_DEGREE = re.compile(r"^(?:Ph\.?\s?D|M\.?D|M\.?Sc|B\.?Sc|D\.?Phil|Dr|Prof|Esq|MBA|MPH|RN|FRS)\.?$", re.IGNORECASE)
_NAMESAKE = re.compile(r"\s+\d{4}$")
# Written with a capital by their owners, yet part of the family name: Luc Van Gool, Fei De La Torre.
_PARTICLES = frozenset(
    {
        "van", "von", "vom", "zu", "zur", "de", "del", "della", "dello", "degli", "dei", "der", "den", "ter", "di",
        "da", "dal", "dalla", "das", "dos", "du", "la", "le", "el", "al", "ibn", "af",
    }
)  # fmt: skip
# Between the two family names of a person: Ortega y Gasset, Castro e Silva.
_JOINING = frozenset({"y", "e", "i"})
_AFFILIATION = re.compile(r"\s*\([^()]*\)\s*$")
# Chinese and Korean names, whose family name comes first: where it ends cannot be told.
_CHINESE = re.compile(r"[\u3400-\u9fff\uac00-\ud7a3·]+(?:,? [\u3400-\u9fff\uac00-\ud7a3·]+)*")
_ORGANISATION = re.compile(
    r"\b(?:Collaborations?|Consortium|Team|Group|Institute|University|Project|Organi[sz]ation|Committee|Administration|"
    r"Commission|Agency|Association|Society|Council|Foundation|Ministry|Department|Academy|Laborator(?:y|ies)|"
    r"Corporation|Company)\b"
)


@dataclass(frozen=True)
class PersonName:
    """``given`` is empty for an organisation and for a name of one word."""

    family: str  # with its particle: "van der Vaart"
    given: str = ""
    suffix: str = ""  # Jr., III
    is_organisation: bool = False

    @property
    def natural(self) -> str:
        """As on the paper: given, family, suffix."""
        return " ".join(part for part in (self.given, self.family, self.suffix) if part)

    @property
    def inverted(self) -> str:
        """As in an index: ``family, given, suffix``."""
        return ", ".join(part for part in (self.family, self.given, self.suffix) if part)


def split_name(text: str) -> PersonName:
    """Split one author's name; never fails, a name it cannot split is all family name.

    >>> split_name("Ludwig van der Vaart").family
    'van der Vaart'
    >>> split_name("Guy L. Steele Jr.").inverted
    'Steele, Guy L., Jr.'
    """
    name = " ".join(_AFFILIATION.sub("", text).split()).strip(" ,;")
    name = _NAMESAKE.sub("", name).replace("--", "–")
    if _ORGANISATION.search(name):
        return PersonName(family=name, is_organisation=True)
    if not name.isascii() and _CHINESE.fullmatch(name):
        return PersonName(family=name.replace(", ", ""))
    if "," in name:
        return _split_inverted(name)
    words = name.split(" ")
    suffix = words.pop() if len(words) > 2 and _SUFFIX.match(words[-1]) else ""
    if len(words) > 2 and not suffix and _INNER_SUFFIX.fullmatch(words[-2]):  # Arthur Jr. Galapon
        suffix = words.pop(-2)
    if len(words) < 2:
        return PersonName(family=" ".join(words), suffix=suffix)
    start = _family_start(words)
    return PersonName(family=" ".join(words[start:]), given=" ".join(words[:start]), suffix=suffix)


def join_parts(given: str, family: str, suffix: str = "") -> str:
    """A name in natural order that holds :data:`BOUNDARY` where :func:`split_name` does not find the family name."""
    natural = " ".join(part for part in (given, family, suffix) if part)
    may_differ = given and (" " in family or given.rpartition(" ")[2][:1].islower())
    if may_differ and split_name(natural).family != family:
        return f"{given}{BOUNDARY}{family} {suffix}".rstrip()
    return natural


def part_names(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names without boundaries, and in the order of an index those whose family name :func:`split_name` does not find.

    >>> part_names([join_parts("Gabriel", "García Márquez"), join_parts("Ludwig", "van der Vaart")])
    (('Gabriel García Márquez', 'Ludwig van der Vaart'), ('García Márquez, Gabriel',))
    """
    if BOUNDARY not in "".join(names):
        return tuple(names), ()
    natural = tuple(name.replace(BOUNDARY, " ") for name in names)
    sort_names = (_sort_name(name) for name in names if BOUNDARY in name)
    return natural, tuple(dict.fromkeys(filter(None, sort_names)))


def split_names(names: Iterable[object], sort_names: Iterable[object] | None) -> tuple[PersonName, ...]:
    """People of a paper, divided as ``sort_names`` says, otherwise as :func:`split_name` finds."""
    divided: dict[str, PersonName] = {}
    for sort_name in sort_names or ():
        person = split_name(str(sort_name))
        divided.setdefault(person.natural, person)
    texts = (text for text in map(str, names) if text.strip())
    return tuple(divided.get(text) or split_name(text) for text in texts)


def _sort_name(name: str) -> str:
    given, _, rest = name.partition(BOUNDARY)
    words = rest.replace(BOUNDARY, " ").split()
    suffix = words.pop() if len(words) > 1 and _SUFFIX.match(words[-1]) else ""
    person = PersonName(family=" ".join(words), given=given.strip(), suffix=suffix)
    is_told = person.family and person.given and split_name(person.inverted) == person
    return person.inverted if is_told and split_name(person.natural) != person else ""


def _split_inverted(name: str) -> PersonName:
    parts = [part.strip() for part in name.split(",") if part.strip()]
    parts = [part for place, part in enumerate(parts) if not (place and _DEGREE.match(part))]
    if len(parts) == 1:
        return split_name(parts[0])
    if len(parts) == 2 and _SUFFIX.match(parts[1]) and not _is_given(parts):  # "Guy L. Steele, Jr."
        person = split_name(parts[0])
        return PersonName(family=person.family, given=person.given, suffix=parts[1])
    suffixes = [part for part in parts[1:] if _SUFFIX.match(part) and not _is_given(parts)]
    given = " ".join(part for part in parts[1:] if part not in suffixes)
    return PersonName(family=parts[0], given=given, suffix=" ".join(suffixes))


def _is_given(parts: list[str]) -> bool:
    """Whether what looks like a suffix is all that there is of given names: ``Doe, JR``."""
    return len(parts) == 2 and " " not in parts[0] and parts[1].isupper()


def _family_start(words: list[str]) -> int:
    """Index of the family name's first word; at least one word stays the given name."""
    for index in range(2, len(words) - 1):  # José Ortega y Gasset
        if words[index] in _JOINING and words[index - 1][:1].isupper() and len(words[index - 1].rstrip(".")) > 1:
            return _family_start(words[:index]) if index > 2 else index - 1
    for index in range(1, len(words) - 1):
        if all(_is_particle(word) for word in words[index:-1]):
            return index
    return len(words) - 1


def _is_particle(word: str) -> bool:
    return word.lstrip("'’‘`")[:1].islower() or word.lower() in _PARTICLES
