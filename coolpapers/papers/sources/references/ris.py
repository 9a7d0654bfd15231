"""RIS, as Zotero, EndNote, Mendeley, publishers and this site write it: https://en.wikipedia.org/wiki/RIS_(file_format)"""

from __future__ import annotations

import re
from pathlib import Path

from coolpapers.papers.names import kinds
from coolpapers.papers.sources.references.people import names_on_line
from coolpapers.papers.sources.references.reference import Reference
from coolpapers.papers.sources.references.tagged import TaggedSource, TagParser, Tags, join_pages

_KINDS = {
    "JOUR": kinds.JOURNAL, "JFULL": kinds.JOURNAL, "EJOUR": kinds.JOURNAL, "MGZN": kinds.JOURNAL, "NEWS": kinds.JOURNAL,
    "ABST": kinds.JOURNAL, "INPR": kinds.JOURNAL, "CONF": kinds.CONFERENCE, "CPAPER": kinds.CONFERENCE,
    "CHAP": kinds.CHAPTER, "ECHAP": kinds.CHAPTER, "ENCYC": kinds.CHAPTER, "DICT": kinds.CHAPTER, "BOOK": kinds.BOOK,
    "EBOOK": kinds.BOOK, "EDBOOK": kinds.BOOK, "SER": kinds.BOOK, "THES": kinds.THESIS, "RPRT": kinds.REPORT,
    "STAND": kinds.REPORT, "PAT": kinds.REPORT, "GOVDOC": kinds.REPORT, "COMP": kinds.SOFTWARE, "DATA": kinds.DATASET,
    "DBASE": kinds.DATASET, "AGGR": kinds.DATASET, "ELEC": kinds.WEBPAGE, "BLOG": kinds.WEBPAGE,
    "ICOMM": kinds.WEBPAGE, "WEB": kinds.WEBPAGE,
}  # fmt: skip
_JOURNAL_TAGS = ("JF", "T2", "JO", "BT", "JA", "J2", "J1", "T3")
_BOOK_TAGS = ("C3", "T2", "BT", "JF", "JO")
_DATE = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")


class _RisParser(TagParser):
    LINE = re.compile(r"([A-Z][A-Z0-9]|[a-z][a-z0-9](?=\s\s))\s{1,2}-(?:\s(.*)|(\s*)$)")

    def parse_line(self, line: str) -> tuple[str | None, str]:
        found = self.LINE.match(line)
        return (found[1].upper(), (found[2] or "").strip()) if found else (None, line.strip())


class RisSource(TaggedSource):
    """Records from ``TY`` to ``ER``; an end that is missing is the next beginning."""

    PARSER = _RisParser()
    BEGINS = re.compile(r"TY\s{1,2}-\s")
    ENDS = re.compile(r"ER\s{1,2}-")
    NEEDED = frozenset({"TI", "T1", "CT", "AU", "A1"})

    def recognises(self, head: bytes, *, path: Path) -> bool:
        return path.name.lower().endswith((".ris", ".ris.gz")) or bool(
            re.search(rb"\A(?:\xef\xbb\xbf)?(?:\s|Provider:.*|Database:.*|Content:.*)*TY {1,2}- ", head)
        )

    def reference(self, tags: Tags) -> Reference:
        first = tags.first
        kind = _KINDS.get(first("TY").upper(), kinds.OTHER)
        container = first(*(_JOURNAL_TAGS if kind == kinds.JOURNAL else _BOOK_TAGS))
        date = _DATE.search(first("DA", "Y1", "PY"))
        is_report = kind in (kinds.REPORT, kinds.THESIS)
        number = first("IS", "M1", *(("SN",) if is_report else ()))
        note = " ".join(tags.all("N1", "RN", "PA"))
        pages = join_pages(first("SP"), first("EP")) or first("C7")
        return Reference(
            ident=first("ID", "LB", "AN", "TI", "T1"),
            kind=kind,
            title=first("TI", "T1", "CT", *(("BT", "T2") if kind == kinds.BOOK else ())),
            authors=_people(tags.all("AU", "A1")),
            editors=_people(tags.all("ED", "A2" if kind != kinds.THESIS else "A4")),
            abstract="\n\n".join(tags.all("AB") or tags.all("N2")),
            container=container if kind != kinds.BOOK else "",
            event=first("T2") if kind == kinds.CONFERENCE else "",
            year=first("PY", "Y1", "DA"),
            date=f"{date[1]}-{date[2]}-{date[3]}" if date else "",
            volume=first("VL"),
            issue="" if is_report else number,
            pages=pages,
            publisher=first("PB"),
            note=note,
            url=next((url for url in tags.all("UR", "L2", "LK") if "://" in url), ""),
            pdf_url=next((url for url in tags.all("L1") if "://" in url), ""),
            keywords=tags.all("KW"),
            report_numbers=[number] if is_report and number else [],
            affiliations=tags.all("AD"),
            fields={
                "doi": first("DO") or (first("M3") if first("M3").startswith("10.") else ""),
                "url": " ".join(tags.all("UR", "L1", "L2", "LK")),
                "eid": first("AN"),
                "journal": container,
                "volume": first("VL"),
                "number": first("IS", "M1"),
                "pages": first("SP", "C7"),
                "publisher": first("PB", "DB"),
                "note": note,
            },
            dropped=tags.dropped,
            line=tags.line,
        )


def _people(lines: list[str]) -> list[str]:
    return [name for line in lines for name in names_on_line(line)]
