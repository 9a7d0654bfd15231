"""Uploads in their queue, and what a worker does with one. Start at :func:`take_upload`."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q

from coolpapers.feeding.errors import UploadRefused
from coolpapers.feeding.models import Upload
from coolpapers.feeding.uploads.shelf import shelve
from coolpapers.feeding.uploads.storing import private_path, scan, upload_path
from coolpapers.papers.errors import PapersError
from coolpapers.papers.importing.services import ImportHooks, ImportOptions, import_file
from coolpapers.papers.importing.upserting import UpsertReport
from coolpapers.papers.records.record import Refusal
from coolpapers.papers.sources.registry import paper_sources

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # longer than a batch of an import takes
MAX_REFUSALS = 50  # kept in words
_Status = Upload.Status


def take_upload(*, now: Callable[[], datetime]) -> Upload | None:
    """Read the upload that waits longest; None if none waits. What cannot be read is refused with a reason."""
    upload = _claim(now())
    if upload is None:
        return None
    path = upload_path(upload)
    try:
        scan(path)
        _read(upload, path, now)
        upload.status = _Status.DONE
    except (UploadRefused, PapersError) as exc:
        upload.status, upload.error = _Status.FAILED, str(exc)[:500]
    except FileNotFoundError:
        upload.status, upload.error = _Status.FAILED, "The file is gone; upload it again."
    except Exception:  # process edge: the reader is told, and the queue goes on
        logger.exception("The upload %s cannot be read", upload.name)
        upload.status, upload.error = _Status.FAILED, "The file cannot be read because of a fault of this site."
    upload.save()
    path.unlink(missing_ok=True)
    return upload


def _read(upload: Upload, path: Path, now: Callable[[], datetime]) -> None:
    if upload.target == Upload.Target.LIBRARY:
        _import(upload, path, now)
    else:
        _shelve(upload, path, now())


def _import(upload: Upload, path: Path, now: Callable[[], datetime]) -> None:
    def refuse(refusal: Refusal) -> None:
        _note(upload, [refusal])

    def progress(report: UpsertReport, share: float | None) -> None:
        percent = min(99, int(100 * share)) if share is not None else 0
        counts = {"n_added": report.added, "n_changed": report.changed, "n_refused": report.refused}
        Upload.objects.filter(pk=upload.pk).update(percent=percent, heartbeat=now(), **counts)

    report = import_file(
        path,
        options=ImportOptions(source=upload.source),
        hooks=ImportHooks(refused=refuse, progressed=progress),
        now=now(),
    )
    upload.n_added, upload.n_changed = report.added, report.changed
    upload.n_skipped, upload.n_refused, upload.percent = report.skipped, report.refused, 100


def _shelve(upload: Upload, path: Path, now: datetime) -> None:
    assert upload.owner is not None
    source = paper_sources[upload.source]
    with path.open("rb") as raw:
        items = source.preview_path(path, raw=raw)
        shelved = shelve(items, owner=upload.owner, name=upload.name, now_ms=int(now.timestamp() * 1000))
    if not shelved.n_read:
        raise UploadRefused("Nothing in the file was recognised; is it a PDF, or references?")
    if upload.source == "pdf":
        for entry in shelved.entries:
            private_path(entry).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, private_path(entry))
            entry.has_file = True
            entry.save(update_fields=["has_file"])
    _note(upload, shelved.refusals)
    upload.n_added, upload.n_changed = shelved.n_matched, len(shelved.entries)
    upload.n_refused, upload.percent = len(shelved.refusals), 100


def _note(upload: Upload, refusals: list[Refusal]) -> None:
    """Keep the first reasons, each with its line of the reader's own file."""
    for refusal in refusals[: MAX_REFUSALS - len(upload.refusals)]:
        upload.refusals.append(str(Refusal(upload.name, refusal.line, refusal.field, refusal.reason))[:500])


def _claim(now: datetime) -> Upload | None:
    free = Q(status=_Status.QUEUED) | Q(status=_Status.RUNNING, heartbeat__lt=now - LEASE)
    while (upload := Upload.objects.filter(free).order_by("requested_at").first()) is not None:
        unchanged = Upload.objects.filter(pk=upload.pk, status=upload.status, heartbeat=upload.heartbeat)
        if unchanged.update(status=_Status.RUNNING, heartbeat=now):
            upload.status, upload.heartbeat = _Status.RUNNING, now
            return upload
    return None
