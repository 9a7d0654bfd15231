"""The state of the library and its parts in numbers, for ``/metrics`` and the page for librarians.

Each group is read by itself: where the database does not answer, the other groups still do. Start at
:func:`read_gauges`.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.db.models import Max, Min, Sum
from django.utils import timezone

from coolpapers.base.observing.metrics import Family, Sample
from coolpapers.finding.indexing.embedding import count_pending
from coolpapers.operating.backups.rotation import newest_backup
from coolpapers.operating.watching.queues import queue_lengths
from coolpapers.operating.watching.repositories import HARVEST_SOURCE
from coolpapers.papers.models import ImportRun, Paper, latest_revision
from coolpapers.reading.models import PdfFetch, Summary
from search.engines.registry import search_backend
from search.errors import SearchError
from search.neural.dense import retrievers

logger = logging.getLogger(__name__)

Values = Iterator[tuple[str, str, dict[str, str], float]]  # name, help, labels, value


def read_gauges() -> list[Family]:
    """All gauges, and ``coolpapers_part_up`` that says which groups could be read."""
    values: list[tuple[str, str, dict[str, str], float]] = []
    for part, read in GROUPS.items():
        is_up = True
        try:
            values += list(read())
        except (DatabaseError, ImproperlyConfigured, SearchError, OSError) as exc:
            logger.warning("The metrics of %s cannot be read: %s", part, exc)
            is_up = False
        values.append(("coolpapers_part_up", "1 where the part answers.", {"part": part}, float(is_up)))
    return _families(values)


def _families(values: list[tuple[str, str, dict[str, str], float]]) -> list[Family]:
    by_name: dict[str, list[Sample]] = {}
    texts: dict[str, str] = {}
    for name, text, labels, value in values:
        by_name.setdefault(name, []).append(Sample(name, tuple(sorted(labels.items())), value))
        texts[name] = text
    return [Family(name, "gauge", texts[name], tuple(samples)) for name, samples in by_name.items()]


def _library() -> Values:
    yield "coolpapers_papers", "Papers of the library.", {}, Paper.objects.count()
    yield "coolpapers_revision", "Revision of the newest change.", {}, latest_revision()


def _imports() -> Values:
    for kind, runs in (
        ("harvest", ImportRun.objects.filter(source=HARVEST_SOURCE)),
        ("import", ImportRun.objects.exclude(source=HARVEST_SOURCE)),
    ):
        ended = runs.filter(finished=True).aggregate(last=Max("updated_at"))["last"]
        last_s = ended.timestamp() if ended else 0.0
        yield "coolpapers_last_import_seconds", "Time of the last finished run (0: none).", {"kind": kind}, last_s
        yield (
            "coolpapers_unfinished_imports",
            "Runs that have not ended.",
            {"kind": kind},
            runs.filter(finished=False).count(),
        )
        refused = runs.aggregate(n=Sum("n_refused"))["n"] or 0
        yield "coolpapers_refused_records", "Records refused by the latest run of each source.", {"kind": kind}, refused


def _index() -> Values:
    engine = search_backend()
    yield "coolpapers_index_papers", "Papers in the index.", {}, engine.count()
    lag = max(0, latest_revision() - engine.revision())
    yield "coolpapers_index_lag", "Changes that the index lacks.", {}, lag


def _vectors() -> Values:
    retriever = retrievers["default"]
    n_vectors = retriever.count()
    yield "coolpapers_vectors", "Papers with a vector.", {}, n_vectors
    pending = count_pending(retriever) if n_vectors else 0
    yield "coolpapers_vector_lag", "Papers changed since their vectors; 0 without vectors.", {}, pending


def _work() -> Values:
    for work, model in (("summaries", Summary), ("pdfs", PdfFetch)):
        for state in ("queued", "running", "failed"):
            # The index of open rows is used by conditions on the two open states only.
            rows = model._default_manager.filter(status=state)
            labels = {"work": work, "state": state}
            yield "coolpapers_work", "Summaries and PDFs by state.", labels, rows.count()
        oldest = model._default_manager.filter(status="queued").aggregate(first=Min("requested_at"))["first"]
        waiting_s = (timezone.now() - oldest).total_seconds() if oldest else 0.0
        yield "coolpapers_oldest_work_seconds", "Age of the oldest that waits.", {"work": work}, waiting_s


def _queues() -> Values:
    for queue, length in queue_lengths().items():
        yield "coolpapers_queue_length", "Tasks that wait in the broker.", {"queue": queue}, length


def _disk() -> Values:
    usage = shutil.disk_usage(settings.DATA_DIR)
    yield "coolpapers_disk_free_bytes", "Free space on the disk of the data folder.", {}, usage.free
    yield "coolpapers_disk_bytes", "Size of that disk.", {}, usage.total


def _backups() -> Values:
    if settings.BACKUP_DIR:
        newest = newest_backup(Path(settings.BACKUP_DIR))
        made_s = newest.stat().st_mtime if newest else 0.0
        yield "coolpapers_last_backup_seconds", "Time of the newest scheduled backup (0: none).", {}, made_s


GROUPS: dict[str, Callable[[], Values]] = {
    "library": _library,
    "imports": _imports,
    "index": _index,
    "vectors": _vectors,
    "work": _work,
    "queues": _queues,
    "disk": _disk,
    "backups": _backups,
}
