"""A BibTeX or BibLaTeX entry as a reference: which field says what. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from coolpapers.papers.errors import BadField
from coolpapers.papers.names import kinds
from coolpapers.papers.records.record import Dropped, Record
from coolpapers.papers.sources.bibtex.inheritance import Entry
from coolpapers.papers.sources.bibtex.journal_macros import full_journal
from coolpapers.papers.sources.bibtex.latex import plain_name, plain_text
from coolpapers.papers.sources.references.people import split_people
from coolpapers.papers.sources.references.reference import Reference, join_title, record_of
from search.vocabulary.accents import decode_tex_accents

_KINDS = {
    "article": kinds.JOURNAL, "suppperiodical": kinds.JOURNAL, "review": kinds.JOURNAL,
    "inproceedings": kinds.CONFERENCE, "conference": kinds.CONFERENCE, "poster": kinds.CONFERENCE,
    "incollection": kinds.CHAPTER, "inbook": kinds.CHAPTER, "inreference": kinds.CHAPTER, "bookinbook": kinds.CHAPTER,
    "suppbook": kinds.CHAPTER, "suppcollection": kinds.CHAPTER,
    "book": kinds.BOOK, "mvbook": kinds.BOOK, "collection": kinds.BOOK, "mvcollection": kinds.BOOK,
    "reference": kinds.BOOK, "booklet": kinds.BOOK, "manual": kinds.BOOK,
    "proceedings": kinds.PROCEEDINGS, "mvproceedings": kinds.PROCEEDINGS, "periodical": kinds.PROCEEDINGS,
    "phdthesis": kinds.THESIS, "mastersthesis": kinds.THESIS, "thesis": kinds.THESIS, "bachelorsthesis": kinds.THESIS,
    "techreport": kinds.REPORT, "report": kinds.REPORT, "standard": kinds.REPORT, "patent": kinds.REPORT,
    "software": kinds.SOFTWARE, "softwareversion": kinds.SOFTWARE, "dataset": kinds.DATASET,
    "online": kinds.WEBPAGE, "electronic": kinds.WEBPAGE, "www": kinds.WEBPAGE, "webpage": kinds.WEBPAGE,
    "preprint": kinds.PREPRINT, "unpublished": kinds.OTHER, "misc": kinds.OTHER,
}  # fmt: skip
# Entries that describe no work.
NO_PAPERS = frozenset({"set", "control", "ieeetranbstctl", "bibnote", "settings"})
# Fields that are read as they stand: addresses and numbers hold no TeX but escapes.
_VERBATIM = frozenset({"url", "doi", "eprint", "ee", "pdf", "link", "biburl", "adsurl", "bdsk-url-1", "file"})
_PEOPLE = frozenset({"author", "editor"})
_NEEDED = frozenset({"title", "author"})
# Signs of DOIs and addresses that programs write as commands: 9:8\textless673.
_SIGNS = re.compile(r"\\(textless|textgreater|textunderscore|textasciitilde|textbackslash)(?:\{\}|(?![A-Za-z])\s?)")
_SIGN = {"textless": "<", "textgreater": ">", "textunderscore": "_", "textasciitilde": "~", "textbackslash": "\\"}
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
_MARKS = re.compile(r"[{}\s]|\\(?=[%_#&~{}])")
_COMMAND_OF_ADDRESS = re.compile(r"^\\(?:url|href|path)\s*(?=\{)")
_REPORT_SEPARATOR = re.compile(r"\s*[,;]\s*")
_EDITOR_FIELDS = ("editor", "editors")
_SOFTWARE_URLS = ("url", "repository", "ee", "link")


def read_entry(entry: Entry) -> Record:
    """The record of an entry; raises BadField where title or authors are in another encoding, or there is no title."""
    dropped = [Dropped(name, "it cannot be read as BibTeX") for name in entry.raw.damaged]
    dropped += [Dropped("crossref", f"the file has no entry {name[:80]!r}") for name in entry.missing]
    raw = dict(entry.fields)
    for name, value in entry.fields.items():
        if byte := _foreign_byte(value):
            reason = f"not UTF-8 (found byte 0x{byte:02x}); save the file as UTF-8, or declare its encoding"
            if name in _NEEDED:
                raise BadField(name, reason)
            dropped.append(Dropped(name, reason))
            del raw[name]
    text = {name: _text_of(name, value) for name, value in raw.items() if name not in _PEOPLE}
    return record_of(_reference(entry, raw, text, dropped))


def _reference(entry: Entry, raw: Mapping[str, str], text: dict[str, str], dropped: list[Dropped]) -> Reference:
    get = text.get
    kind = _KINDS.get(entry.raw.type, kinds.OTHER)
    container = _container(text, kind)
    issue = get("number") or get("issue") or ""
    is_report = kind in (kinds.REPORT, kinds.THESIS)
    return Reference(
        ident=entry.raw.key,
        kind=kind,
        title=_first(text, "title", "booktitle", "maintitle", "titleaddon"),
        subtitle=get("subtitle", "") if get("title") else "",
        authors=_people(raw.get("author", "")) + _collaborations(text),
        editors=next((_people(raw[name]) for name in _EDITOR_FIELDS if raw.get(name)), []),
        abstract=get("abstract", ""),
        container=container,
        year=get("year", ""),
        month=get("month", ""),
        day=get("day", ""),
        date=get("date", ""),
        volume=get("volume", ""),
        issue="" if is_report or "arxiv" in issue.lower() else issue,
        pages=get("pages") or get("eid") or get("articleno") or get("article-number") or "",
        publisher=_first(text, "publisher", "school", "institution", "organization"),
        note=_note(text, kind),
        url=_first(text, *_SOFTWARE_URLS),
        keywords=get("keywords") or get("keyword") or "",
        report_numbers=_report_numbers(text, issue if is_report else ""),
        affiliations=[name for name in (get("affiliation", ""),) if name],
        fields=text,
        dropped=dropped,
        line=entry.raw.line,
    )


def _text_of(name: str, value: str) -> str:
    if name == "abstract":
        return "\n\n".join(filter(None, map(plain_text, _PARAGRAPH.split(value))))
    if name not in _VERBATIM:
        return plain_text(value)
    value = value.strip()
    if "\\" not in value and "{" not in value:
        return value
    value = _SIGNS.sub(lambda match: _SIGN[match[1]], _COMMAND_OF_ADDRESS.sub("", value))
    return _MARKS.sub("", value)


def _container(text: Mapping[str, str], kind: str) -> str:
    if kind in (kinds.JOURNAL, kinds.OTHER, kinds.PREPRINT):
        journal = full_journal(_first(text, "journal", "journaltitle"))
        joined = join_title(journal, text.get("journalsubtitle", "")) if journal else ""
        return joined or (_first(text, "booktitle") if text.get("title") else "")
    if not text.get("title"):
        return ""
    container = join_title(_first(text, "booktitle", "journal", "journaltitle"), text.get("booksubtitle", ""))
    return container or (text.get("eventtitle", "") if kind == kinds.CONFERENCE else "")


def _note(text: Mapping[str, str], kind: str) -> str:
    """BibLaTeX's ``titleaddon`` says what stands in brackets behind a title: ``Conference session``."""
    note = _first(text, "note", "annotation", "addendum", "howpublished" if kind == kinds.OTHER else "note")
    addition = text.get("titleaddon", "") if text.get("title") else ""
    return f"{addition}. {note}" if addition and note else addition or note


def _people(value: str) -> list[str]:
    """Accents are decoded before the list is split: behind ``and \\'Emile`` no word would begin."""
    value = decode_tex_accents(value.replace("\\&", "&"))
    return [name for person in split_people(value) if (name := plain_name(person))]


def _collaborations(text: Mapping[str, str]) -> list[str]:
    """INSPIRE's ``collaboration = "ATLAS, CMS"``, which stands beside the people."""
    named = _REPORT_SEPARATOR.split(text.get("collaboration", ""))
    return [name if "collab" in name.lower() else f"{name} Collaboration" for name in named if name]


def _report_numbers(text: Mapping[str, str], number: str) -> list[str]:
    told = [*_REPORT_SEPARATOR.split(text.get("reportnumber", "")), *_REPORT_SEPARATOR.split(number)]
    return [name for name in dict.fromkeys(told) if name]


def _first(text: Mapping[str, str], *names: str) -> str:
    return next((text[name] for name in names if text.get(name)), "")


def _foreign_byte(value: str) -> int:
    """A byte that did not fit the file's encoding; 0 where there is none."""
    if value.isascii():
        return 0
    return next((ord(char) - 0xDC00 for char in value if "\udc80" <= char <= "\udcff"), 0)
