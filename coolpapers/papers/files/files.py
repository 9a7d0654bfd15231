"""The library's own PDF files, kept under ``settings.FILES_DIR`` by the hash of their content.

``own/3f/pdf-3f2a….pdf`` is a file that was imported; ``.json`` beside it holds what was read from it. The catalogue
knows it by a source record ``("file", "pdf-3f2a…")``, which stays with the work when it is merged with the same
paper met elsewhere. ``fetched/`` holds PDFs that were fetched from their source, by the hash of the address.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from django.conf import settings

from coolpapers.papers.files.pdftext import PdfText
from coolpapers.papers.models import Paper, PaperSource
from search.base.files import read_json, replacing, write_json

FILE_SOURCE = "file"
_IDENT = re.compile(r"pdf-[0-9a-f]{32}")
_TEXT_VERSION = 3  # of what pdftext reads; a new one reads files again


def hash_file(path: Path) -> str:
    """The ident of a PDF: ``pdf-`` and 128 bits of its content's SHA-256."""
    with path.open("rb") as stream:
        return f"pdf-{hashlib.file_digest(stream, 'sha256').hexdigest()[:32]}"


def own_path(ident: str) -> Path:
    """Where an imported PDF is kept; raises ValueError for what is not an ident."""
    if not _IDENT.fullmatch(ident):
        raise ValueError(f"{ident!r} names no imported PDF")
    return settings.FILES_DIR / "own" / ident[4:6] / f"{ident}.pdf"


def fetched_path(url: str) -> Path:
    """Where the PDF of an address is kept once it was fetched."""
    digest = hashlib.sha256(url.encode()).hexdigest()[:32]
    return settings.FILES_DIR / "fetched" / digest[:2] / f"{digest}.pdf"


def keep_pdf(path: Path, ident: str, text: PdfText) -> None:
    """Copy an own PDF into the library with what was read from it; a file that is there already is left."""
    target = own_path(ident)
    if not target.is_file():
        with replacing(target) as temporary:
            shutil.copyfile(path, temporary)
    write_json(target.with_suffix(".json"), {"version": _TEXT_VERSION, **asdict(text)})


def kept_text(ident: str) -> PdfText | None:
    """What was read from a kept PDF; None where it has to be read (again)."""
    stored = read_json(own_path(ident).with_suffix(".json"))
    if not isinstance(stored, dict) or stored.get("version") != _TEXT_VERSION:
        return None
    known: dict[str, Any] = {field.name: stored.get(field.name) for field in fields(PdfText)}
    return PdfText(**{**known, "authors": tuple(known["authors"] or ())})


def own_idents(sources: Iterable[PaperSource]) -> list[str]:
    """Imported PDFs among the sources of a paper, the newest last."""
    named = (source.ident for source in sources if source.source == FILE_SOURCE)
    return [ident for ident in named if _IDENT.fullmatch(ident)]


def find_pdf(paper: Paper, *, url: str = "") -> Path | None:
    """A PDF of this paper on this machine: an own one, else the one fetched from ``url``. Reads ``paper.sources``."""
    paths = [own_path(ident) for ident in own_idents(paper.sources.all())]
    if url:
        paths.append(fetched_path(url))
    return next((path for path in paths if path.is_file()), None)


def read_full_text(paper: Paper) -> str:
    """The text of the paper's own PDF, empty where there is none. Reads ``paper.sources``."""
    for ident in own_idents(paper.sources.all()):
        if (text := kept_text(ident)) is not None:
            return text.text
    return ""
