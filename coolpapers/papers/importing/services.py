"""Bringing papers into the catalogue: :func:`upsert_records` for records, :func:`import_file` for files.

Records are written in batches, each in one transaction together with the place reached in the file, so a run
that is killed goes on after the last batch. The loop is :mod:`.upserting`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.utils import timezone

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.importing.problems import ProblemLog
from coolpapers.papers.importing.upserting import BATCH_SIZE, Upserter, UpsertReport
from coolpapers.papers.models import ImportRun
from coolpapers.papers.records.record import Item, Refusal
from coolpapers.papers.sources.base import HEAD_BYTES, PaperSource, decompressed
from coolpapers.papers.sources.registry import paper_sources, recognise
from search.base.aliases import ShouldStop, never_stop


def _ignore(_: object) -> None:
    return None


def upsert_records(
    items: Iterable[Item],
    *,
    location: str = "records",
    now: datetime | None = None,
    refused: Callable[[Refusal], None] = _ignore,
) -> UpsertReport:
    """Add or change papers from records, in batches; a record that comes again unchanged changes nothing."""
    return Upserter(location=location, now=now or timezone.now(), refused=refused).run(items)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How a file is imported. ``limit``: only the first records, without remembering the place reached."""

    source: str = ""
    limit: int | None = None
    dry_run: bool = False
    batch_size: int = BATCH_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportHooks:
    """What an import tells while it runs: refused records, dropped fields, progress (report and share of the file),
    and whether to stop.
    """

    refused: Callable[[Refusal], None] = _ignore
    dropped: Callable[[Refusal], None] = _ignore
    progressed: Callable[[UpsertReport, float | None], None] = lambda _report, _share: None
    should_stop: ShouldStop = never_stop


def import_file(
    path: Path,
    *,
    options: ImportOptions = ImportOptions(),
    hooks: ImportHooks = ImportHooks(),
    now: datetime | None = None,
) -> UpsertReport:
    """Import a file (or a folder, where a source takes one), going on where an interrupted run of it stopped.

    Raises
    ------
    OSError
        If the file cannot be read.
    UnknownFormat, SourceFormatError
        If no source recognises it, or it is damaged at some place; batches before that place are kept.
    StorageFull
        If the database has no room; earlier batches are kept.
    """
    if path.is_dir():
        alias = options.source or recognise(path, b"")
        report = _import_opened(path, None, alias, options, hooks, now or timezone.now())
    else:
        with path.open("rb") as raw:
            alias = options.source or recognise(path, raw.peek(HEAD_BYTES)[:HEAD_BYTES])
            report = _import_opened(path, raw, alias, options, hooks, now or timezone.now())
    return _some(report, str(path), alias, options, hooks)


def import_stream(
    stream: BinaryIO, *, options: ImportOptions, hooks: ImportHooks = ImportHooks(), now: datetime | None = None
) -> UpsertReport:
    """Import standard input or another stream that cannot be read again: without resuming."""
    source = paper_sources[options.source or "jsonl"]
    upserter = _upserter("standard input", source, options, hooks, now or timezone.now(), share=lambda: None)
    with decompressed(stream) as plain:
        report = upserter.run(islice(source.read(plain, name="standard input"), options.limit))
    return _some(report, "standard input", options.source or "jsonl", options, hooks)


def _some(report: UpsertReport, location: str, alias: str, options: ImportOptions, hooks: ImportHooks) -> UpsertReport:
    """The report, or SourceFormatError where a whole file held nothing that its source reads."""
    if report.position or options.limit == 0 or hooks.should_stop():
        return report
    raise SourceFormatError(
        f"{location}: nothing in it was recognised as {alias}; name the file's form with --source, or check that it is "
        "not empty."
    )


def _import_opened(
    path: Path, raw: BinaryIO | None, alias: str, options: ImportOptions, hooks: ImportHooks, now: datetime
) -> UpsertReport:
    source = paper_sources[alias]
    size = path.stat().st_size
    upserter = _upserter(
        path.name, source, options, hooks, now, share=lambda: raw.tell() / size if raw and size else None
    )
    items = (source.preview_path if options.dry_run else source.read_path)(path, raw=raw)
    if options.limit is not None or options.dry_run:
        return upserter.run(islice(items, options.limit))
    run = _open_run(alias, path)
    log = ProblemLog(run)
    upserter.refused = lambda refusal: _tell(hooks.refused, log, refusal, refused=True)
    upserter.dropped = lambda refusal: _tell(hooks.dropped, log, refusal, refused=False)
    upserter.committed = lambda report: _save_run(run, report, log)
    upserter.pass_over(items, run.position)
    upserter.run(items)
    log.save()  # what the last batch repeated
    if not hooks.should_stop():
        ImportRun.objects.filter(pk=run.pk).update(finished=True)
    return upserter.report


def _tell(hook: Callable[[Refusal], None], log: ProblemLog, refusal: Refusal, *, refused: bool) -> None:
    log.add(refusal, refused=refused)
    hook(refusal)


def _upserter(
    location: str,
    source: PaperSource,
    options: ImportOptions,
    hooks: ImportHooks,
    now: datetime,
    *,
    share: Callable[[], float | None],
) -> Upserter:
    return Upserter(
        location=location,
        now=now,
        dry_run=options.dry_run,
        repeats_replace=source.repeats_replace,
        batch_size=options.batch_size,
        refused=hooks.refused,
        dropped=hooks.dropped,
        progressed=lambda report: hooks.progressed(report, share()),
        should_stop=hooks.should_stop,
    )


def _open_run(alias: str, path: Path) -> ImportRun:
    """The interrupted run of this very file, or a new one."""
    stat = path.stat()
    fingerprint = f"{stat.st_size}-{stat.st_mtime_ns}"
    location = str(path.resolve())[-500:]
    run, _ = ImportRun.objects.get_or_create(source=alias, location=location)
    if run.finished or run.fingerprint != fingerprint:
        fresh = ImportRun(
            pk=run.pk, source=alias, location=location, fingerprint=fingerprint, started_at=run.started_at
        )
        fresh.save()
        fresh.problems.all().delete()
        return fresh
    return run


def _save_run(run: ImportRun, report: UpsertReport, log: ProblemLog) -> None:
    run.position = report.position
    run.n_added, run.n_changed = report.added, report.changed
    run.n_skipped, run.n_refused, run.n_dropped = report.skipped, report.refused, report.dropped
    counts = ["n_added", "n_changed", "n_skipped", "n_refused", "n_dropped"]
    run.save(update_fields=["position", *counts, "updated_at"])
    log.save()
