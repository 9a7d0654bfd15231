"""BibTeX and BibLaTeX files: one record an entry, refused one by one.

``bibtexparser`` splits the file into entries and names into parts; values (``#`` concatenation, ``@string``) and TeX
are read here. Cite keys are not ids: two people's ``smith2020`` are two papers. A record's key is made of its DOI or
arXiv id or else of title and first author, so the same entry in two files is one record.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import bibtexparser
from bibtexparser.middlewares.names import (
    InvalidNameError,
    parse_single_name_into_parts,
    split_multiple_persons_names,
)
from bibtexparser.model import Block, DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry, ParsingFailedBlock, String

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.merging import fold, match_key
from coolpapers.papers.records.record import Item, Record, Refusal, make_record
from coolpapers.papers.sources.base import PaperSource, refuse
from search.vocabulary.accents import decode_tex_accents, outside_math
from search.vocabulary.identifiers import canonical_arxiv, parse_identifier

# It warns of every entry that we refuse with a reason.
logging.getLogger("bibtexparser.splitter").setLevel(logging.ERROR)

_CHUNK = 1 << 18  # bytes parsed at once; a chunk ends before an entry
_ENTRY_START = re.compile(rb"\s*@\s*\w+\s*[{(]")
# Entries that are no papers: a volume is what papers stand in.
_NO_PAPERS = frozenset({"proceedings", "set", "xdata", "control", "ieeetranbstctl", "software", "online_database"})
_ARXIV = re.compile(r"arxiv[:.\s]\s*([a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})", re.IGNORECASE)
_YEAR = re.compile(r"\d{4,}")
_BRACES = re.compile(r"(\\[A-Za-z]+\s*)?\{([^{}]*)\}")
_WORD = re.compile(r'[^\s#{"]+')
_ESCAPES = re.compile(r"\\([&%#_$])")


class BibtexSource(PaperSource):
    """Entries of a ``.bib`` file; comments and preambles are passed over."""

    def recognises(self, head: bytes, *, path: Path) -> bool:
        return path.name.lower().endswith((".bib", ".bib.gz")) or bool(re.match(rb"(?:\s|%.*)*@\w+\s*\{", head))

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        strings: dict[str, str] = {}
        for first_line, text in _chunks(stream):
            library = bibtexparser.parse_string(text, parse_stack=[])
            for block in library.blocks:
                line = first_line + (block.start_line or 0)
                if isinstance(block, String):
                    strings[block.key.lower()] = _value(block.value, strings)
                    continue
                item = _read_block(block, strings, name, line)
                if item is not None:
                    yield item


def _chunks(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Line number and text of stretches that end before an entry. Bytes that are not UTF-8 are kept as surrogates."""
    lines: list[bytes] = []
    size = 0
    first = number = 1
    for line in stream:
        if size >= _CHUNK and _ENTRY_START.match(line):
            yield first, _decode(lines)
            lines, size, first = [], 0, number
        lines.append(line)
        size += len(line)
        number += 1
    if lines:
        yield first, _decode(lines)


def _decode(lines: list[bytes]) -> str:
    return b"".join(lines).decode("utf-8-sig", errors="surrogateescape")


def _read_block(block: Block, strings: Mapping[str, str], name: str, line: int) -> Item | None:
    if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
        inner = block.ignore_error_block
        return _read_block(inner, strings, name, line) if inner is not None else None
    if isinstance(block, ParsingFailedBlock):
        return Refusal(name, line, "", f"not BibTeX: {_reason(block)}")
    if not isinstance(block, Entry) or block.entry_type.lower() in _NO_PAPERS:
        return None
    try:
        return _record(block, strings, line)
    except BadField as exc:
        return refuse(exc, name=name, line=line)


def _record(entry: Entry, strings: Mapping[str, str], line: int) -> Record:
    raw: dict[str, str] = {}
    for field in entry.fields:
        raw.setdefault(field.key.lower(), _value(str(field.value), strings))
    _check_encoding(raw)
    text = {name: _plain(value) for name, value in raw.items() if name not in ("author", "editor")}
    get = text.get
    authors = _authors(raw.get("author", ""))
    doi, arxiv_id = get("doi", ""), _arxiv_id(text)
    journal = get("journal") or get("journaltitle") or ""
    return make_record(
        key=_key(doi, arxiv_id, get("title", ""), authors),
        source="file",
        ident=entry.key[:200],
        line=line,
        title=get("title"),
        abstract=get("abstract"),
        authors=authors,
        year=_year(get("year") or get("date") or ""),
        venue=get("booktitle") or ("" if arxiv_id and "arxiv" in journal.lower() else journal),
        comment=get("note"),
        journal_ref=_journal_reference(journal, text),
        doi=doi,
        arxiv_id=arxiv_id,
        page_url=get("url"),
        keywords=get("keywords"),
    )


def _check_encoding(raw: Mapping[str, str]) -> None:
    for name, value in raw.items():
        bad = next((char for char in value if "\udc80" <= char <= "\udcff"), None)
        if bad is not None:
            raise BadField(name, f"not UTF-8 (found byte 0x{ord(bad) - 0xDC00:02x}); save the file as UTF-8")


def _key(doi: str, arxiv_id: str, title: str, authors: list[str]) -> str:
    found = parse_identifier(doi) if doi else None
    if found is not None:
        return f"bib:{found.key}"
    if arxiv_id:
        return f"bib:arxiv:{arxiv_id}"
    return f"bib:{match_key(title, authors) or fold(title)[:100]}" if title else "bib:untitled"


def _arxiv_id(text: Mapping[str, str]) -> str:
    """From ``eprint``, or where ``journal = {arXiv preprint arXiv:1706.03762}``, note and url say it."""
    prefix = (text.get("archiveprefix") or text.get("eprinttype") or "arxiv").lower()
    if prefix == "arxiv" and (found := canonical_arxiv(text.get("eprint", ""))):
        return found
    for name in ("journal", "volume", "note", "howpublished"):
        if (match := _ARXIV.search(text.get(name, ""))) and (found := canonical_arxiv(match[1])):
            return found
    return canonical_arxiv(text.get("url", "")) or ""


def _authors(value: str) -> list[str]:
    names = []
    for person in split_multiple_persons_names(" ".join(value.split())):
        if person.lower() == "others":
            continue
        if person.startswith("{") and person.endswith("}"):  # a group's name, not to be taken apart
            names.append(_plain(person))
            continue
        try:
            parts = parse_single_name_into_parts(person)
        except InvalidNameError as exc:
            raise BadField("author", f"{person!r} is not a name BibTeX can read") from exc
        names.append(_plain(" ".join([*parts.first, *parts.von, *parts.last, *parts.jr])))
    return names


def _year(value: str) -> str | None:
    """The number in a year or a BibLaTeX date; ``in press`` is no year."""
    match = _YEAR.search(value)
    return match.group() if match else None


def _journal_reference(journal: str, text: Mapping[str, str]) -> str:
    """``Neural Computation 9(8), 1735-1780``"""
    if not journal or "arxiv" in journal.lower():
        return ""
    volume, number, pages = text.get("volume", ""), text.get("number", ""), text.get("pages", "").replace("--", "-")
    place = volume + (f"({number})" if number else "")
    return f"{journal} {place}".strip() + (f", {pages}" if pages else "")


def _plain(value: str) -> str:
    """Without the braces that guard capitals, with accents as characters; formulas and commands stay."""
    return outside_math(decode_tex_accents(value), _unbrace)


def _unbrace(text: str) -> str:
    if "{" in text:
        while (shorter := _BRACES.sub(lambda m: m.group() if m[1] else m[2], text)) != text:
            text = shorter
    return _ESCAPES.sub(r"\1", text.replace("~", " ")) if "\\" in text or "~" in text else text


def _value(raw: str, strings: Mapping[str, str]) -> str:
    """A field's value: braced or quoted text, numbers and names of strings, joined by ``#``."""
    pieces: list[str] = []
    position = 0
    while position < len(raw):
        char = raw[position]
        if char in '{"':
            end = _closing(raw, position)
            pieces.append(raw[position + 1 : end])
            position = end + 1
        elif char.isspace() or char == "#":
            position += 1
        else:
            word = _WORD.match(raw, position)
            name = word.group() if word else char
            pieces.append(strings.get(name.lower(), name))
            position += len(name)
    return " ".join("".join(pieces).split())


def _closing(raw: str, start: int) -> int:
    """Where the text that opens at ``start`` closes; the end of the value where it does not."""
    depth = 0
    for position in range(start + 1, len(raw)):
        char = raw[position]
        escaped = raw[position - 1] == "\\"
        if char == "{" and not escaped:
            depth += 1
        elif char == "}" and not escaped:
            if raw[start] == "{" and depth == 0:
                return position
            depth -= 1
        elif char == '"' == raw[start] and depth == 0 and not escaped:
            return position
    return len(raw)


def _reason(block: ParsingFailedBlock) -> str:
    return " ".join(str(getattr(block.error, "abort_reason", block.error)).split())
