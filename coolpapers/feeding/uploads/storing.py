"""Uploaded files on disk: taken, checked, scanned and removed. Start at :func:`store_upload`.

A file waits under ``<data>/uploads`` until it is read. PDFs of a shelf lie under ``<data>/private``, which nothing but
their owner's page reads.
"""

from __future__ import annotations

import logging
import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from coolpapers.feeding.errors import UploadRefused
from coolpapers.feeding.models import PrivateEntry, Upload
from coolpapers.papers.errors import UnknownFormat
from coolpapers.papers.sources.base import HEAD_BYTES
from coolpapers.papers.sources.registry import recognise

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

logger = logging.getLogger(__name__)

# What a shelf takes: references, and papers themselves.
SHELF_SOURCES = frozenset({"pdf", "bibtex", "ris", "csl-json", "endnote", "endnote-xml", "nbib"})
SCAN_S = 300.0
_SUFFIXES = re.compile(r"(?:\.[A-Za-z0-9]{1,8}){1,2}$")


def store_upload(file: UploadedFile[Any], *, owner: int | None, target: str) -> Upload:
    """Keep a file until a worker reads it. Raises UploadRefused with a message for the reader."""
    name = Path(file.name or "").name[:200] or "file"
    if not file.size:
        raise UploadRefused(_("The file is empty."))
    if file.size > settings.UPLOAD_MAX_MB << 20:
        raise UploadRefused(_("The file is larger than %(limit)d MB.") % {"limit": settings.UPLOAD_MAX_MB})
    head = file.read(HEAD_BYTES)
    try:
        source = recognise(Path(name), head)
    except UnknownFormat as exc:
        raise UploadRefused(_("This is no file that can be read: a PDF, BibTeX, RIS or CSL-JSON.")) from exc
    if target == Upload.Target.SHELF and source not in SHELF_SOURCES:
        raise UploadRefused(_("A shelf takes PDFs and references: BibTeX, RIS, CSL-JSON, EndNote or NBIB."))
    with transaction.atomic():
        upload = Upload.objects.create(
            owner_id=owner, name=name, target=target, source=source, n_bytes=file.size, requested_at=timezone.now()
        )
        path = upload_path(upload)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.seek(0)
        with path.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
    return upload


def upload_path(upload: Upload) -> Path:
    """Where an upload waits; its ending helps to recognise the format."""
    suffix = match.group().lower() if (match := _SUFFIXES.search(upload.name)) else ""
    return Path(settings.DATA_DIR) / "uploads" / f"{upload.pk}{suffix}"


def private_path(entry: PrivateEntry) -> Path:
    """The PDF of an entry, if it has one."""
    return Path(settings.DATA_DIR) / "private" / f"{entry.pk}.pdf"


def scan(path: Path) -> None:
    """Have the site's virus scanner look at a file. Raises UploadRefused if it objects or fails."""
    if not settings.SCAN_COMMAND.strip():
        return
    try:
        command = [*shlex.split(settings.SCAN_COMMAND), str(path)]
        ended = subprocess.run(command, capture_output=True, timeout=SCAN_S, check=False)  # noqa: S603 - a setting
    except (OSError, ValueError, subprocess.TimeoutExpired) as exc:  # ValueError: a quote that is not closed
        logger.error("The virus scanner cannot run: %s", exc)
        raise UploadRefused(_("The virus scanner does not work; tell a librarian.")) from exc
    if ended.returncode == 1:  # as clamscan and clamdscan say it
        raise UploadRefused(_("The virus scanner found something in the file."))
    if ended.returncode:
        logger.error("The virus scanner failed with status %d: %r", ended.returncode, ended.stderr[-500:])
        raise UploadRefused(_("The virus scanner does not work; tell a librarian."))


def remove_orphans() -> None:
    """Remove files whose rows are gone: of deleted entries, accounts and uploads."""
    for folder, rows in (("private", PrivateEntry.objects), ("uploads", Upload.objects)):
        for path in (Path(settings.DATA_DIR) / folder).glob("*"):
            number = path.name.partition(".")[0]
            if number.isdigit() and not rows.filter(pk=int(number)).exists():
                path.unlink(missing_ok=True)
