"""The text of a bibliography in whatever encoding it says it has.

UTF-8 is the default. A byte order mark tells UTF-8, UTF-16 and UTF-32; JabRef's first line (``% Encoding: Cp1252``) and
Emacs' (``-*- coding: latin-1 -*-``) declare others. Bytes that do not fit the encoding stay visible as lone surrogates,
so that only the entry that holds them is refused.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from coolpapers.papers.errors import SourceFormatError

CHUNK = 1 << 18  # bytes read at once
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"^\s*%+.*?(?:en)?coding\s*[:=]\s*([A-Za-z0-9._-]+)", re.IGNORECASE | re.MULTILINE)


def text_chunks(stream: BinaryIO) -> Iterator[str]:
    """The stream's text in pieces, with one kind of line end.

    Raises
    ------
    SourceFormatError
        If the encoding is none that is read, or UTF-16 without its mark.
    """
    head = stream.read(CHUNK)
    encoding = encoding_of(head)
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors), translate=True)
    data = head
    while data:
        if text := decoder.decode(data):
            yield text
        data = stream.read(CHUNK)
    if text := decoder.decode(b"", final=True):
        yield text


def encoding_of(head: bytes) -> str:
    """The name of the encoding of a file that begins with these bytes."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if b"\x00" in head[:1_000]:
        raise SourceFormatError(
            "the file holds null bytes: it seems to be UTF-16 without a byte order mark; save it as UTF-8."
        )
    declared = _DECLARED.search(head[:2_000])
    if declared is None:
        return "utf-8"
    name = declared[1].decode("ascii")
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if not encoding or encoding.startswith(("utf-16", "utf-32")) or not _is_text_encoding(encoding):
        if _is_utf8(head):
            return "utf-8"
        raise SourceFormatError(f"the file declares the encoding {name!r}, which is not read; save it as UTF-8.")
    # A file that was saved as UTF-8 keeps the declaration that it had before.
    return "utf-8" if not head.isascii() and _is_utf8(head) else encoding


def _is_utf8(head: bytes) -> bool:
    try:
        # A character may be cut where the head ends, but not where the file does.
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < CHUNK)
    except UnicodeDecodeError:
        return False
    return True


def _is_text_encoding(encoding: str) -> bool:
    try:
        return "a".encode(encoding).decode(encoding) == "a"
    except (LookupError, UnicodeError, TypeError):
        return False
