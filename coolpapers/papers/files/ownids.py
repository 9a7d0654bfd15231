"""Identifiers that a first page prints as its own, not those of papers that it cites. Pure. See :func:`own_ids`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from search.vocabulary.identifiers import canonical_arxiv, canonical_doi

_ARXIV = re.compile(
    r"\barXiv:\s?(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
    r"(?:\s*\[[\w.-]+\](?:\s+\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4})?)?",
    re.IGNORECASE,
)
_DOI = re.compile(r"(?:https?://)?(?:dx\.|www\.)?(?:doi\.org/)?\b(?P<id>10\.\d{4,9}/[^\s\"<>]+)", re.IGNORECASE)
# What may stand on a line beside an identifier of the page itself.
_LABELS = re.compile(
    r"\bdigital object identifier\b|\bdoi\b|\bissn\b(?:\s*[\dX-]+)?|\bisbn\b(?:\s*[\dX-]+)?|\bpreprint\b|\d+ pages\b"
    r"|\bavailable (?:online )?at\b|\bpublished(?: online)?(?: at| as)?\b|\bcopyright\b|\(c\)",
    re.IGNORECASE,
)
# Lines that say where the paper itself appears.
_IMPRINT = re.compile(
    r"^\W*(?:\(c\)|copyright\b|citation\s*:|cite this|to cite|digital object identifier\b|article doi\b|published\b"
    r"|available\b|issn\b|isbn\b|acm isbn\b|received\b|manuscript received\b|journal homepage\b)"
    r"|©",
    re.IGNORECASE,
)
_REFERENCES = re.compile(r"^\W*(?:\d+\W+)?(?:references|bibliography|literature cited|参考文献)\W*$", re.IGNORECASE)
# A line that goes on on the next one: the identifier there is that of a cited paper, of code or of data.
_GOES_ON = re.compile(
    r"(?:\b(?:at|from|in|see|via|and|on|under|to|of|doi|arxiv|or|with|by)|[,:(–—-])\s*$", re.IGNORECASE
)
# Where the text of the paper begins, and a line of a sentence that the next one ends.
_TEXT_BEGINS = re.compile(r"^\W*(?:abstract|summary|(?:\d+|I)?\s*[.:]?\s*introduction)\b", re.IGNORECASE)
_UNENDED = re.compile(r"^(?=.*[a-z]{3,} [a-z]{2,} )[^@©]{35,}[^.!?;@]$")
_ENTRY = re.compile(r"^\W*\[\d{1,3}\]")  # of a list of references; its identifier may be on one of the next lines
_ENTRY_LINES = 3
_STAMP = re.compile(r"^\W*arXiv:\S+\s*\[[\w.-]+\]", re.IGNORECASE)
_MIN_TITLE_LINE = 4  # letters of a line that can be the title's first


def own_ids(lines: Sequence[str], title: str) -> tuple[str, str]:
    """The arXiv id and the DOI of a paper, canonical, from the lines of its first page; empty where it prints none.

    An identifier counts in a margin stamp, on a line that holds nothing else, in the header (above the title), and in a
    line that says where the paper appears. One inside a sentence, a footnote or a list of references is that of a cited
    paper.
    """
    arxiv_id = doi = ""
    for line in _own_lines(lines, title):
        for match in _ARXIV.finditer(line):
            arxiv_id = arxiv_id or canonical_arxiv(match["id"]) or ""
        for match in _DOI.finditer(line):
            doi = doi or canonical_doi(match["id"].rstrip(".,;)")) or ""
    return arxiv_id, doi


def _own_lines(lines: Sequence[str], title: str) -> Iterator[str]:
    header_end = _title_line(lines, title)
    in_text = False
    for index, line in enumerate(lines):
        if _REFERENCES.match(line):
            return
        in_text = in_text or _TEXT_BEGINS.match(line) is not None
        before = lines[max(index - _ENTRY_LINES, 0) : index]
        is_named_as_own = index < header_end or _IMPRINT.search(line) or _STAMP.match(line)
        if is_named_as_own or (_holds_nothing_else(line) and not _continues_citation(before, in_text=in_text)):
            yield line


def _title_line(lines: Sequence[str], title: str) -> int:
    """The index of the title's first line; 0 where it is not found."""
    wanted = _fold(title)
    for index, line in enumerate(lines):
        folded = _fold(line)
        if len(folded) >= _MIN_TITLE_LINE and wanted.startswith(folded):
            return index
    return 0


def _continues_citation(before: Sequence[str], *, in_text: bool) -> bool:
    if not before:
        return False
    goes_on = _GOES_ON.search(before[-1]) or (in_text and _UNENDED.match(before[-1].strip()))
    return goes_on is not None or any(map(_ENTRY.match, before))


def _holds_nothing_else(line: str) -> bool:
    rest = _LABELS.sub(" ", _DOI.sub(" ", _ARXIV.sub(" ", line)))
    return not any(character.isalpha() for character in rest)


def _fold(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKC", text).lower() if character.isalnum())
