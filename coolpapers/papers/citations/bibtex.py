"""BibTeX as arXiv writes it, and as conferences and journals are cited."""

from __future__ import annotations

import re

from coolpapers.papers.citations.names import PersonName
from coolpapers.papers.citations.tex import escape_tex
from coolpapers.papers.citations.work import CitedWork, Kind

_ENTRY_TYPE = {
    Kind.PREPRINT: "misc",
    Kind.CONFERENCE: "inproceedings",
    Kind.JOURNAL: "article",
    Kind.OTHER: "misc",
}
_CONTAINER_FIELD = {Kind.CONFERENCE: "booktitle", Kind.JOURNAL: "journal"}


def format_bibtex(entries: list[tuple[str, CitedWork]]) -> str:
    """Write (key, work) pairs as a .bib file in UTF-8; entries are parted by a blank line."""
    return "\n".join(_entry(key, work) for key, work in entries)


def _entry(key: str, work: CitedWork) -> str:
    lines = [f"      {name}={{{value}}},\n" for name, value in _fields(work) if value]
    return f"@{_ENTRY_TYPE[work.kind]}{{{key},\n{''.join(lines)}}}\n"


def _fields(work: CitedWork) -> list[tuple[str, str]]:
    """Fields in arXiv's order: title, author, year, eprint, archivePrefix, primaryClass, url."""
    return [
        ("title", escape_tex(work.title, protect=True)),
        ("author", " and ".join(_author(name) for name in work.authors)),
        (_CONTAINER_FIELD.get(work.kind, ""), escape_tex(work.container) if work.kind in _CONTAINER_FIELD else ""),
        ("volume", escape_tex(work.volume)),
        ("number", escape_tex(work.issue)),
        ("pages", escape_tex(work.pages).replace("-", "--")),
        ("editor", " and ".join(_author(name) for name in work.editors)),
        ("publisher", escape_tex(work.publisher)),
        ("year", str(work.year or "")),
        ("note", escape_tex(work.note)),
        *_eprint_fields(work),
        ("doi", _verbatim(work.doi)),
        ("url", _verbatim(work.url)),
    ]


def _eprint_fields(work: CitedWork) -> list[tuple[str, str]]:
    """archivePrefix is arXiv's word, eprinttype biblatex's and Zotero's; both read the same eprint."""
    if not work.arxiv_id:
        return []
    return [
        ("eprint", _verbatim(work.arxiv_id)),
        ("archivePrefix", "arXiv"),
        ("eprinttype", "arxiv"),
        ("primaryClass", _verbatim(work.primary_class)),
    ]


def _author(name: PersonName) -> str:
    """Natural order where BibTeX finds the same family name in it, else "Family, Suffix, Given"."""
    if name.is_organisation or (not name.given and " " in name.family) or " and " in f" {name.natural} ":
        return f"{{{escape_tex(name.natural)}}}"
    if not name.suffix and _reads_alike(name):
        return escape_tex(name.natural)
    parts = [part for part in (name.family, name.suffix, name.given) if part]
    return escape_tex(", ".join(parts))


def _reads_alike(name: PersonName) -> bool:
    """BibTeX's family name in natural order is the last word and the lower-case words before it."""
    particles = name.family.split(" ")[:-1]
    given_is_upper = all(not word[:1].islower() for word in name.given.split(" "))
    return all(word[:1].islower() for word in particles) and given_is_upper


def _verbatim(text: str) -> str:
    """An address or number, which TeX styles print verbatim: only what would end the field is encoded."""
    return re.sub(r"[{}\\\s]", lambda match: f"%{ord(match[0]):02X}", text)
