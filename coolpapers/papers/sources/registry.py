"""The sources that settings name, and which of them a file belongs to."""

from __future__ import annotations

import codecs
import zlib
from pathlib import Path

from coolpapers.papers.errors import UnknownFormat
from coolpapers.papers.sources.base import HEAD_BYTES, PaperSource
from search.base.backends import BackendHandler

paper_sources = BackendHandler[PaperSource]("PAPER_SOURCES")


def recognise(path: Path, head: bytes) -> str:
    """The alias of the first source of ``settings.PAPER_SOURCES`` that recognises a file by its first bytes.

    Raises UnknownFormat where none does.
    """
    head = _decompressed(head).removeprefix(codecs.BOM_UTF8)
    for alias in paper_sources:
        if paper_sources[alias].recognises(head, path=path):
            return alias
    known = ", ".join(paper_sources)
    raise UnknownFormat(f"{path}: no source recognises this file; name its form with --source (one of {known}).")


def _decompressed(head: bytes) -> bytes:
    if not head.startswith(b"\x1f\x8b"):
        return head
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""
