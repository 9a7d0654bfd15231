"""NBIB, PubMed's own form: https://www.nlm.nih.gov/bsd/mms/medlineelements.html"""

from __future__ import annotations

import re
from pathlib import Path

from coolpapers.papers.names import kinds
from coolpapers.papers.sources.references.people import natural_name, split_people
from coolpapers.papers.sources.references.reference import Reference
from coolpapers.papers.sources.references.tagged import TaggedSource, TagParser, Tags

_KINDS = (
    ("preprint", kinds.PREPRINT),
    ("dataset", kinds.DATASET),
    ("congress", kinds.CONFERENCE),
    ("technical report", kinds.REPORT),
    ("book", kinds.BOOK),
    ("thesis", kinds.THESIS),
)
_DOI = re.compile(r"(\S+)\s+\[doi\]", re.IGNORECASE)
_CATALOGUED = re.compile(r"(?: : [A-Z]{2,}|\s*\([^()]*\))+\s*$")
_DAY = re.compile(r"(\d{4})\s+([A-Z][a-z]{2})(?:\s+(\d{1,2}))?")
_MAIL = re.compile(r"\s*(?:Electronic address:\s*)?\S+@\S+")


class _NbibParser(TagParser):
    LINE = re.compile(r"([A-Z]{2,4}) {0,2}- ?(.*)$")


class NbibSource(TaggedSource):
    """Records that begin with ``PMID``."""

    PARSER = _NbibParser()
    BEGINS = re.compile(r"PMID ?- ")
    NEEDED = frozenset({"TI", "BTI", "FAU", "AU", "CN"})

    def recognises(self, head: bytes, *, path: Path) -> bool:
        return path.name.lower().endswith((".nbib", ".nbib.gz")) or bool(
            re.match(rb"(?:\xef\xbb\xbf)?\s*PMID ?- ", head)
        )

    def reference(self, tags: Tags) -> Reference:
        first = tags.first
        types = [text.lower() for text in tags.all("PT")]
        kind = next((kind for word, kind in _KINDS if any(word in text for text in types)), kinds.JOURNAL)
        if first("BTI") and first("TI"):
            kind = kinds.CHAPTER
        doi = next((match[1] for text in tags.all("LID", "AID") if (match := _DOI.search(text))), "")
        day = _DAY.match(first("DP"))
        authors = [natural_name(name) for name in tags.all("FAU")] or split_people(", ".join(tags.all("AU")))
        number = first("PMID")
        return Reference(
            ident=f"pmid:{number}",
            kind=kind,
            title=_title(first("TI", "BTI")),
            authors=[*authors, *tags.all("CN")],
            editors=[natural_name(name) for name in tags.all("FED")],
            abstract=first("AB"),
            container=first("BTI") if kind == kinds.CHAPTER else _journal(first("JT", "TA")),
            year=first("DP", "DEP"),
            month=day[2] if day else "",
            day=(day[3] or "") if day else "",
            volume=first("VI"),
            issue=first("IP"),
            pages=first("PG"),
            publisher=first("PB"),
            note=" ".join(tags.all("GN")),
            url=f"https://pubmed.ncbi.nlm.nih.gov/{number}/" if number.isdecimal() else "",
            keywords=[word.lstrip("*") for word in tags.all("OT")],
            affiliations=[_MAIL.sub("", text).rstrip(" .") for text in tags.all("AD")],
            withdrawn="retracted publication" in types,
            fields={"doi": doi, "journal": _journal(first("JT")), "volume": first("VI"), "pages": first("PG")},
            dropped=tags.dropped,
            line=tags.line,
        )


def _journal(text: str) -> str:
    """The journal of NLM's catalogue without place and acronym: *Nature (London)*, *Journal of Foo : JFOO*."""
    return _CATALOGUED.sub("", text) or text


def _title(text: str) -> str:
    """The title without PubMed's full stop, and without the brackets around a translated one."""
    if text.startswith("[") and text.rstrip(".").endswith("]") and "[" not in text[1:]:
        return text.rstrip(".")[1:-1]
    return text.rstrip(".") if text.count(".") == 1 else text
