"""EndNote's tagged form, also called refer: ``%A`` author, ``%T`` title, … one tag a line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from coolpapers.papers.names import kinds
from coolpapers.papers.sources.references.endnote_types import kind_of
from coolpapers.papers.sources.references.people import names_or_organisation
from coolpapers.papers.sources.references.reference import Reference
from coolpapers.papers.sources.references.tagged import TaggedSource, TagParser, Tags

_KEYWORDS = re.compile(r"\s*[;\n]\s*")


class _ReferParser(TagParser):
    LINE = re.compile(r"%([0-9A-Z@!#$^&~*+()\[\]<>?=|-])\s?(.*)$")
    CONTINUES_WITH = "\n"


class EndnoteTaggedSource(TaggedSource):
    """Records that begin with ``%0`` or, where a file does without types, after a blank line."""

    PARSER = _ReferParser()
    BEGINS = re.compile(r"%0")
    NEEDED = frozenset({"T", "A", "Q"})

    def recognises(self, head: bytes, *, path: Path) -> bool:
        if path.name.lower().endswith((".enw", ".enw.gz", ".refer")):
            return True
        return bool(re.match(rb"(?:\xef\xbb\xbf)?\s*%0 [A-Z][\w ]+\r?\n(?:.*\r?\n)*?%[TA] ", head[:5_000]))

    def begins(self, line: str, record: Sequence[str], *, after_blank: bool) -> bool:
        if self.BEGINS.match(line):
            return True
        typed = bool(record) and record[0].startswith("%0")
        return after_blank and not typed and self.PARSER.LINE.match(line) is not None

    def reference(self, tags: Tags) -> Reference:
        first = tags.first
        kind = kind_of(first("0"))
        container = first("J", "B") if kind == kinds.JOURNAL else first("B", "J")
        note = " ".join(tags.all("Z"))
        is_report = kind in (kinds.REPORT, kinds.THESIS)
        report_number = first("N", "@") if is_report else ""
        return Reference(
            ident=first("F", "M", "T"),
            kind=kind,
            title=first("T", "Q") or (first("B") if kind in (kinds.BOOK, kinds.PROCEEDINGS) else ""),
            authors=[name for line in tags.all("A") for name in names_or_organisation(line)],
            editors=[name for line in tags.all("E") for name in names_or_organisation(line)],
            abstract=first("X"),
            container=container if kind not in (kinds.BOOK, kinds.PROCEEDINGS) else "",
            year=first("D", "8"),
            date=first("8"),
            volume=first("V"),
            issue="" if is_report else first("N"),
            pages=first("P") or first("&"),
            publisher=first("I"),
            note=note,
            url=next((url for url in tags.all("U") if "://" in url), ""),
            pdf_url=next((url for url in tags.all(">") if "://" in url), ""),
            keywords=[word for text in tags.all("K") for word in _KEYWORDS.split(text) if word],
            report_numbers=[report_number] if report_number else [],
            affiliations=[line for text in tags.all("+") for line in text.split("\n")],
            fields={
                "doi": first("R"),
                "url": " ".join(tags.all("U", ">")),
                "eid": first("M"),
                "journal": container,
                "volume": first("V"),
                "pages": first("P"),
                "note": note,
            },
            dropped=tags.dropped,
            line=tags.line,
        )
