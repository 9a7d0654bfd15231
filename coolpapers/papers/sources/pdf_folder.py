"""A folder of PDFs, or one PDF: the reader's own files become papers.

Title, authors and abstract are guessed from the file (see :mod:`coolpapers.papers.files.pdftext`); arXiv ids and DOIs
that the first page prints as its own join the file with the same work from other sources. The files are copied into
the library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from coolpapers.papers.errors import BadField, SourceFormatError
from coolpapers.papers.files.files import FILE_SOURCE, hash_file, keep_pdf, kept_text, own_path
from coolpapers.papers.files.pdftext import PdfText, PdfUnreadable, read_pdf
from coolpapers.papers.records.record import Item, Record, Refusal, make_record
from coolpapers.papers.sources.base import PaperSource, refuse

NO_TEXT = "no text layer: it is a scan. Run text recognition on it (for example ocrmypdf) and import it again"
_NAME_MARKS = re.compile(r"[_\s]+")


class PdfFolderSource(PaperSource):
    """Every ``*.pdf`` below a folder, in the order of their names."""

    def recognises(self, head: bytes, *, path: Path) -> bool:
        if path.is_dir():
            return next(_pdf_files(path), None) is not None
        return head.startswith(b"%PDF-")

    def read_path(self, path: Path, *, raw: BinaryIO | None) -> Iterator[Item]:  # noqa: ARG002 - paths are read
        return self._read(path, keep=True)

    def preview_path(self, path: Path, *, raw: BinaryIO | None) -> Iterator[Item]:  # noqa: ARG002
        return self._read(path, keep=False)

    def _read(self, path: Path, *, keep: bool) -> Iterator[Item]:
        if not path.is_dir():
            yield _read_file(path, name=path.name, keep=keep)
            return
        files = sorted(_pdf_files(path))
        if not files:
            raise SourceFormatError(f"{path} holds no PDF files.")
        for file in files:
            yield _read_file(file, name=str(file.relative_to(path)), keep=keep)


def _pdf_files(folder: Path) -> Iterator[Path]:
    """PDFs below the folder; hidden files and folders are left out, as are links that lead outside."""
    root = folder.resolve()
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() == ".pdf" and not hidden and path.is_file() and path.resolve().is_relative_to(root):
            yield path


def _read_file(path: Path, *, name: str, keep: bool) -> Record | Refusal:
    try:
        ident = hash_file(path)
        known = kept_text(ident)
        text = known or read_pdf(path)
        if not text.has_text:
            return Refusal(name, 0, "text", NO_TEXT)
        record = _record(text, ident, stem=path.stem)
        if keep and (known is None or not own_path(ident).is_file()):
            keep_pdf(path, ident, text)
    except PdfUnreadable as exc:
        return Refusal(name, 0, "", str(exc))
    except BadField as exc:
        return refuse(exc, name=name, line=0)
    except OSError as exc:
        return Refusal(name, 0, "", f"cannot be read: {exc.strerror or exc}")
    return record


def _record(text: PdfText, ident: str, *, stem: str) -> Record:
    return make_record(
        key=f"{FILE_SOURCE}:{ident}",
        source=FILE_SOURCE,
        ident=ident,
        # A file name is a poor title, but one that its owner will recognise.
        title=text.title or _NAME_MARKS.sub(" ", stem).strip() or ident,
        authors=list(text.authors),
        abstract=text.abstract,
        arxiv_id=text.arxiv_id,
        doi=text.doi,
    )
