"""The contract of a source of papers, and what sources share: opening files, refusing records one by one.

A source is a class in a file of its own plus an entry in ``settings.PAPER_SOURCES``. It reads a stream lazily and
yields a :class:`~coolpapers.papers.records.record.Record`, ``Refusal`` or ``Deletion`` for each record of the stream;
a bad record never costs its neighbours. A source whose input is a folder overrides :meth:`PaperSource.read_path`.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from coolpapers.papers.errors import BadField, SourceFormatError
from coolpapers.papers.records.record import Item, Refusal

_GZIP_MAGIC = b"\x1f\x8b"
HEAD_BYTES = 65_536  # how much of a file recognises() sees


class PaperSource:
    """Reads papers in one format.

    ``repeats_replace`` says what a key means that comes twice in one stream: a later state of the record (a harvest)
    or a mistake of the file's author (False), which is refused unless the content is the same.
    """

    repeats_replace = False

    def recognises(self, head: bytes, *, path: Path) -> bool:  # noqa: ARG002
        """Whether this looks like the source's format: the first bytes (decompressed; empty for a folder) and the
        path.
        """
        return False

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        """Yield the stream's records in order; ``name`` stands for the stream in refusals.

        Raises SourceFormatError where nothing more can be read.
        """
        raise NotImplementedError(f"{type(self).__name__} does not read streams")

    def read_path(self, path: Path, *, raw: BinaryIO | None) -> Iterator[Item]:
        """Yield the records of a file that is open as ``raw``; compression is looked through. None: a folder."""
        if raw is None:
            raise SourceFormatError(f"{path} is a folder; {type(self).__name__} reads single files")
        with decompressed(raw) as stream:
            yield from self.read(stream, name=path.name)

    def preview_path(self, path: Path, *, raw: BinaryIO | None) -> Iterator[Item]:
        """As :meth:`read_path`, for a dry run: a source that keeps files leaves them where they are."""
        return self.read_path(path, raw=raw)


@contextmanager
def decompressed(raw: BinaryIO) -> Iterator[BinaryIO]:
    """The stream itself, or what a gzip stream holds, told by its first bytes; damage becomes a SourceFormatError."""
    buffered = cast(IO[bytes], raw)
    head = buffered.peek(2)[:2] if hasattr(buffered, "peek") else b""
    try:
        if head == _GZIP_MAGIC:
            with gzip.open(raw) as stream:
                yield cast(BinaryIO, stream)
        else:
            yield raw
    except EOFError as exc:
        raise SourceFormatError(
            "the gzip file ends too early: it was cut off. What came before the end was imported; fetch the file again."
        ) from exc
    except (gzip.BadGzipFile, zlib.error) as exc:
        raise SourceFormatError(f"the gzip file is damaged ({exc}). What came before the damage was imported.") from exc


def refuse(error: BadField, *, name: str, line: int) -> Refusal:
    return Refusal(name, line, error.field, error.reason)
