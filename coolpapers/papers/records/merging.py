"""What a work says, made of what its records say. Pure.

Whether records are one work is decided by :mod:`coolpapers.papers.identity.verdicts`.

Start at :func:`merge_contents`. Text comes from arXiv where it is there (formulas intact, newest version), then from
registries, then from own files; venue, year, track, DOI and journal from registries first. Lists are
united, dates are the first submission and announcement and the last update, citations the greatest count. A work is
withdrawn when all its records are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

from coolpapers.papers.records.record import Version

Content = Mapping[str, Any]

_NOT_WORD = re.compile(r"[\W_]+")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_MIN_TITLE = 8  # folded letters; less is no evidence of sameness
# Titles that one author can write again and again.
_COMMON = (
    "introduction preface foreword editorial afterword erratum corrigendum invitedtalk keynote discussion "
    "bookreview bookreviews openingremarks closingremarks panel abstract untitled"
)
_COMMON_TITLES = frozenset(_COMMON.split())
_VENUE_FIELDS = ("venue_slug", "venue_name", "venue_year", "venue_text", "track")
_REGISTRY_FIRST = frozenset({"year", "doi", "journal_ref", "kind", "editors", "volume", "issue", "pages", "publisher"})
_UNITED = frozenset({"categories", "keywords", "report_numbers", "sort_names"})


@dataclass(frozen=True, slots=True)
class Described:
    """What one source says of a work."""

    key: str
    source: str
    content: Content


def fold(text: str) -> str:
    """Letters and digits only, lower case, without diacritics."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(char for char in text if not unicodedata.combining(char))
    return _NOT_WORD.sub("", text.lower())


def match_key(title: str, authors: Sequence[str]) -> str:
    """32 hexadecimal digits of folded title and first author's surname and initial; empty where that says too little.

    Given names differ in spelling ("G. Hinton", "Geoffrey E. Hinton"), so only the initial counts.
    """
    folded = fold(title)
    if len(folded) < _MIN_TITLE or folded in _COMMON_TITLES or not authors:
        return ""
    surname, initial = _surname_initial(authors[0])
    return blake2b(f"{folded}|{surname}|{initial}".encode(), digest_size=16).hexdigest() if surname else ""


def succeed(old: Content, new: Content) -> dict[str, Any]:
    """What a record says when it is met again: the newer text wins field by field, what it leaves empty stays.

    An earlier state of the paper, and a record whose abstract is not the authors' own, only fill what was empty. The
    first announcement stays: a replacement is not announced again.
    """
    earlier = bool(old["updated"] and new["updated"] and new["updated"] < old["updated"])
    outdated = earlier or bool(new["abstract_label"] and old["abstract"] and not old["abstract_label"])
    first, second = (old, new) if outdated else (new, old)
    result = {name: value if _filled(value) else second[name] for name, value in first.items()}
    if _filled(first["abstract"]):
        result["abstract_label"] = first["abstract_label"]
    if first["venue_slug"]:
        result["venue_year"] = first["venue_year"]
    result["withdrawn"] = first["withdrawn"]
    result["announced"] = old["announced"] or new["announced"]
    return result


def complete(own: Content, other: Content) -> dict[str, Any]:
    """What a record says, with the fields that it leaves empty as another copy of the record says them.

    Two libraries that complete each other's records come to rest: a field that is filled never changes.
    """
    result = {name: other[name] if _filled(other[name]) and not _filled(own[name]) else own[name] for name in own}
    if own["venue_slug"]:
        result.update((name, own[name]) for name in _VENUE_FIELDS)
    if own["abstract"]:
        result["abstract_label"] = own["abstract_label"]
    result["withdrawn"] = own["withdrawn"]
    return result


def merge_contents(described: Iterable[Described]) -> dict[str, Any]:
    """One content made of what all sources say; the order they are given in does not matter."""
    by_text = [item.content for item in sorted(described, key=text_rank)]
    if len(by_text) == 1:
        return dict(by_text[0])
    by_registry = sorted(by_text, key=lambda content: not content["venue_slug"])  # stable: text order within
    merged: dict[str, Any] = {}
    for name in by_text[0]:
        if name in _UNITED:
            merged[name] = list(dict.fromkeys(value for content in by_text for value in content[name]))
        else:
            merged[name] = _first(by_registry if name in _REGISTRY_FIRST else by_text, name)
    merged.update((name, by_registry[0][name]) for name in _VENUE_FIELDS)
    own = next((content for content in by_text if content["abstract"] and not content["abstract_label"]), None)
    if own is not None:
        merged.update(abstract=own["abstract"], abstract_label="")
    merged["submitted"] = _extreme(by_text, "submitted", min)
    merged["announced"] = _extreme(by_text, "announced", min)
    merged["updated"] = _extreme(by_text, "updated", max)
    merged["n_citations"] = max((c["n_citations"] for c in by_text if c["n_citations"] is not None), default=None)
    merged["withdrawn"] = all(content["withdrawn"] for content in by_text)
    return merged


def merge_versions(lists: Iterable[Iterable[Version]]) -> list[Version]:
    """Versions by number, each from the first list that has it."""
    found: dict[int, Version] = {}
    for versions in lists:
        for version in versions:
            found.setdefault(version.number, version)
    return [found[number] for number in sorted(found)]


def text_rank(described: Described) -> tuple[int, str]:
    """The order in which records are asked for text: arXiv, registries, own files."""
    return {"arxiv": 0, "file": 2}.get(described.source, 1), described.key


def _surname_initial(name: str) -> tuple[str, str]:
    """``("hinton", "g")`` of "Geoffrey E. Hinton" and of "Hinton, Geoffrey"."""
    family, comma, given = name.partition(",")
    if comma and fold(given) not in _SUFFIXES:
        return fold(family), fold(given)[:1]
    words = [word for word in (fold(word) for word in family.split()) if word]
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    if not words:
        return "", ""
    return words[-1], words[0][:1] if len(words) > 1 else ""


def _filled(value: object) -> bool:
    return value is not None and value != "" and value != () and value != []


def _first(contents: Iterable[Content], name: str) -> Any:
    """The first value that is there; the field's empty value where none is."""
    empty: Any = None
    for content in contents:
        if _filled(content[name]):
            return content[name]
        empty = content[name]
    return empty


def _extreme(contents: Iterable[Content], name: str, choose: Callable[[Iterable[date]], date]) -> date | None:
    found = [content[name] for content in contents if content[name]]
    return choose(found) if found else None
