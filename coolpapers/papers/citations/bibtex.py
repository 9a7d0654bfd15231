"""BibTeX as arXiv writes it, and as conferences and journals are cited."""

from __future__ import annotations

import re

from coolpapers.papers.citations.tex import escape_tex
from coolpapers.papers.citations.work import CitedWork, Kind
from coolpapers.papers.names.people import PersonName

# BibTeX's own styles print @software, @dataset and @online, which are BibLaTeX's, as @misc.
_ENTRY_TYPE = {
    Kind.PREPRINT: "misc",
    Kind.CONFERENCE: "inproceedings",
    Kind.JOURNAL: "article",
    Kind.CHAPTER: "incollection",
    Kind.BOOK: "book",
    Kind.PROCEEDINGS: "proceedings",
    Kind.THESIS: "phdthesis",
    Kind.REPORT: "techreport",
    Kind.SOFTWARE: "software",
    Kind.DATASET: "dataset",
    Kind.WEBPAGE: "online",
    Kind.OTHER: "misc",
}
_CONTAINER_FIELD = {Kind.CONFERENCE: "booktitle", Kind.CHAPTER: "booktitle", Kind.JOURNAL: "journal"}
_PUBLISHER_FIELD = {Kind.THESIS: "school", Kind.REPORT: "institution"}


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
        ("author", _people(work.authors)),
        (_CONTAINER_FIELD.get(work.kind, ""), escape_tex(work.container) if work.kind in _CONTAINER_FIELD else ""),
        ("volume", escape_tex(work.volume)),
        ("number", escape_tex(work.issue or work.report_number)),
        ("pages", escape_tex(work.pages).replace("-", "--")),
        ("editor", _people(work.editors)),
        (_PUBLISHER_FIELD.get(work.kind, "publisher"), escape_tex(work.publisher)),
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


def _people(names: tuple[PersonName, ...]) -> str:
    """Names in natural order where BibTeX finds the same family names in it, else all as "Family, Suffix, Given".

    Both orders in one list are ambiguous: some readers take "Le Duy, Vo" beside "Ada Lovelace" for two people.
    """
    is_natural = all(_is_whole(name) or (not name.suffix and _reads_alike(name)) for name in names)
    return " and ".join(_author(name, natural=is_natural) for name in names)


def _is_whole(name: PersonName) -> bool:
    """Whether the name must not be taken apart: braces guard it."""
    return name.is_organisation or (not name.given and " " in name.family) or " and " in f" {name.natural.lower()} "


def _author(name: PersonName, *, natural: bool) -> str:
    if _is_whole(name):
        return f"{{{_escape_name(name.natural)}}}"
    if natural:
        return _escape_name(name.natural)
    parts = [part for part in (name.family, name.suffix, name.given) if part]
    return _escape_name(", ".join(parts))


def _escape_name(text: str) -> str:
    r"""A name that may stand in the brackets of ``\bibitem[Doe and Roe(2020)]``, where styles put it."""
    tex = escape_tex(text)
    if "[" in tex or "]" in tex or "$$" in tex:
        tex = tex.replace(r"\[", r"\(").replace(r"\]", r"\)").replace("$$", "$")
        tex = re.sub(r"[\[\]]", r"{\g<0>}", tex)
    return tex


def _reads_alike(name: PersonName) -> bool:
    """BibTeX's family name in natural order is the last word and the lower-case words before it."""
    particles = name.family.split(" ")[:-1]
    given_is_upper = all(not word[:1].islower() for word in name.given.split(" "))
    return all(word[:1].islower() for word in particles) and given_is_upper


def _verbatim(text: str) -> str:
    """An address or number, which TeX styles print verbatim: only what would end the field is encoded."""
    return re.sub(r"[{}\\\s]", lambda match: f"%{ord(match[0]):02X}", text)
