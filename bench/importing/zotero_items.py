"""Zotero's items, which its own tests and Better BibTeX's expect, compared with our records of the same BibTeX."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from coolpapers.papers.records.record import Record
from coolpapers.papers.sources.bibtex.source import BibtexSource

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")
_TEX = re.compile(r"\\[A-Za-z]+|[${}\\]")
_GREEK = re.compile(r"\\([A-Z]?[a-z]{2,7})\b")
_YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20|21)\d\d(?!\d)")
# Types that Zotero uses for what is no work of its own.
_NO_WORK = frozenset({"attachment", "note", "annotation"})


@dataclass(slots=True)
class Rates:
    """Right and expected values by field, and what was wrong."""

    right: dict[str, int] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)
    wrong: list[tuple[str, str, object, object]] = field(default_factory=list)

    def count(self, name: str, where: str, found: object, wanted: object) -> None:
        self.expected[name] = self.expected.get(name, 0) + 1
        if found == wanted:
            self.right[name] = self.right.get(name, 0) + 1
        else:
            self.wrong.append((where, name, found, wanted))

    def report(self) -> dict[str, str]:
        return {
            name: f"{self.right.get(name, 0)} of {number} ({100 * self.right.get(name, 0) / number:.1f} %)"
            for name, number in self.expected.items()
        }


def read_records(data: bytes, name: str) -> list[Record]:
    return [item for item in BibtexSource().read(io.BytesIO(data), name=name) if isinstance(item, Record)]


def compare(data: bytes, items: Sequence[Mapping[str, Any]], rates: Rates, *, name: str) -> None:
    """Count titles, authors, years and DOIs of a file's entries that are as expected.

    Entries are paired by cite key and title, by key, or by title: keys can come twice, and items can lack one.
    """
    records = read_records(data, name)
    by_both = {(record.ident, fold(record.title)): record for record in records}
    by_key = {record.ident: record for record in records}
    by_title = {fold(record.title): record for record in records}
    for item in items:
        if item.get("itemType") in _NO_WORK or not (title := _text(item.get("title"))):
            continue
        key, folded = _cite_key(item), fold(title)
        record = by_both.get((key, folded)) or by_key.get(key) or by_title.get(folded)
        where = f"{name}: {_cite_key(item) or title[:60]}"
        rates.count("title", where, fold(record.title) if record else None, fold(title))
        if people := _people(item):
            ours = [*record.authors, *record.editors] if record else []
            rates.count("authors", where, [fold(each) for each in ours if fold(each) in people] or ours, people)
        if year := _YEAR.search(_text(item.get("date"))):
            rates.count("year", where, record.year if record else None, int(year.group()))
        if (doi := _text(item.get("DOI")).lower()).find("/") > 0:
            ours_doi = (record.doi or f"arxiv:{record.arxiv_id}") if record else None
            rates.count("doi", where, ours_doi, _plain_doi(doi))


def fold(text: str) -> str:
    """Letters and digits without marks and markup: titles differ in case, signs and typography between programs."""
    text = _TEX.sub("", _GREEK.sub(_letter, _MARKUP.sub("", text)))
    decomposed = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return "".join(char for char in decomposed if char.isalnum())


def _letter(command: re.Match[str]) -> str:
    """``\\Sigma`` as the letter."""
    case = "CAPITAL" if command[1][0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {command[1].upper()}")
    except KeyError:
        return command.group()


def _people(item: Mapping[str, Any]) -> list[str]:
    """Folded authors and then editors, in natural order."""
    creators = [entry for entry in item.get("creators", ()) if entry.get("creatorType") in ("author", "editor")]
    creators.sort(key=lambda entry: entry.get("creatorType") != "author")  # stable
    names = [fold(_name(entry)) for entry in creators]
    return [name for name in names if name not in ("", "others")]  # *and others*, which we leave out


def _name(entry: Mapping[str, Any]) -> str:
    return _text(entry.get("name")) or " ".join(_natural([_text(entry.get("firstName")), _text(entry.get("lastName"))]))


def _natural(parts: Iterable[str]) -> list[str]:
    """Zotero keeps a suffix behind the given name: ``John, Jr.``"""
    given, family = parts
    given, _, suffix = given.partition(",")
    if given.strip() in ("Jr", "Jr.", "Sr", "Sr.") and suffix:  # or before it
        given, suffix = suffix, given
    return [part.strip() for part in (given, family, suffix) if part.strip()]


def _cite_key(item: Mapping[str, Any]) -> str:
    return _text(item.get("citationKey")) or _text(item.get("itemID"))


def _plain_doi(doi: str) -> str:
    found = re.search(r"10\.\d{4,9}/\S+", doi)
    plain = found.group() if found else doi
    arxiv = re.fullmatch(r"10\.48550/arxiv\.(.+)", plain)
    return f"arxiv:{arxiv[1]}" if arxiv else plain


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""
