"""BibTeX and BibLaTeX files: one record an entry, refused one by one.

:mod:`.scanning` cuts the text into entries, :mod:`.inheritance` completes those that refer to others, :mod:`.entries`
reads their fields. Decision 0021 says why no library does this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.record import Item, Refusal
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.bibtex.entries import NO_PAPERS, read_entry
from coolpapers.papers.sources.bibtex.inheritance import Entry, Family
from coolpapers.papers.sources.bibtex.scanning import Damage, RawEntry, StringDefinition, scan
from coolpapers.papers.sources.bibtex.values import Strings
from coolpapers.papers.sources.encoding import encoding_of, text_chunks

_ENTRY = re.compile(r"(?:\s|%.*)*@\s*\w+\s*[{(]")


class BibtexSource(PaperSource):
    """Entries of a ``.bib`` file; comments and preambles are passed over."""

    def recognises(self, head: bytes, *, path: Path) -> bool:
        if path.name.lower().endswith((".bib", ".bib.gz", ".bibtex", ".biblatex")):
            return True
        try:
            text = head[:20_000].decode(encoding_of(head), errors="ignore")
        except ValueError:
            return False
        return bool(_ENTRY.match(text))

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        strings = Strings()
        family = Family()
        for block in scan(text_chunks(stream)):
            if isinstance(block, StringDefinition):
                strings.define(block.name, block.value)
            elif isinstance(block, Damage):
                yield Refusal(name, block.line, "", f"not BibTeX: {block.reason}")
            elif block.type not in NO_PAPERS:
                yield from (_read(entry, name) for entry in family.add(_expand(block, strings)))
        yield from (_read(entry, name) for entry in family.rest())


def _expand(raw: RawEntry, strings: Strings) -> Entry:
    """The entry with the text of its fields; of a field that is given twice the first counts."""
    fields: dict[str, str] = {}
    for name, value in raw.fields:
        if name not in fields:
            fields[name] = strings.expand(value)
    return Entry(raw, fields)


def _read(entry: Entry, name: str) -> Item:
    try:
        return read_entry(entry)
    except BadField as exc:
        return refuse(exc, name=name, line=entry.raw.line)
