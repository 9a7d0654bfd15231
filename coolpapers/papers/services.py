"""Bringing papers into the catalogue: :func:`upsert_records` for records, :func:`import_file` for files.

Records are written in batches, each in one transaction together with the place reached in the file, so a run
that is killed goes on after the last batch. What a batch does is :mod:`.writing`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from coolpapers.papers.errors import StorageFull
from coolpapers.papers.keyset import KeySet
from coolpapers.papers.models import ImportRun
from coolpapers.papers.records import Deletion, Item, Record, Refusal
from coolpapers.papers.sources.base import HEAD_BYTES, PaperSource, decompressed
from coolpapers.papers.sources.registry import paper_sources, recognise
from coolpapers.papers.writing import BatchWriter

logger = logging.getLogger(__name__)

BATCH_SIZE = 1000  # records a transaction; 500 to 4,000 measure alike
_BATCH_CHARACTERS = 8_000_000  # a batch ends earlier where abstracts are long, so that memory stays flat
_REPEATED = "this id came before in the file, with other content; the first record is kept"


@dataclass(slots=True)
class UpsertReport:
    """What became of records. ``position`` counts all items read, ``resumed_at`` those passed over at the start."""

    added: int = 0
    changed: int = 0
    skipped: int = 0
    refused: int = 0
    position: int = 0
    resumed_at: int = 0

    def __str__(self) -> str:
        counts = (f"{self.added:,} added", f"{self.changed:,} changed", f"{self.skipped:,} unchanged")
        return ", ".join((*counts, f"{self.refused:,} refused"))


def _ignore(_: object) -> None:
    return None


@dataclass(kw_only=True)
class Upserter:
    """Takes items from an iterator batch by batch; :func:`upsert_records` and :func:`import_file` are its uses.

    ``committed`` is called inside each batch's transaction with the report as it will be, ``progressed`` after it; a
    true ``should_stop()`` ends the run after a batch. ``repeats_replace``: see :class:`.sources.base.PaperSource`.
    """

    location: str
    now: datetime
    dry_run: bool = False
    repeats_replace: bool = True
    batch_size: int = BATCH_SIZE
    refused: Callable[[Refusal], None] = _ignore
    committed: Callable[[UpsertReport], None] = _ignore
    progressed: Callable[[UpsertReport], None] = _ignore
    should_stop: Callable[[], bool] = lambda: False
    report: UpsertReport = field(default_factory=UpsertReport)

    def __post_init__(self) -> None:
        self._writer = BatchWriter(now=self.now)
        self._seen = None if self.repeats_replace else KeySet()

    def pass_over(self, items: Iterator[Item], count: int) -> None:
        """Leave out what an earlier, interrupted run has written."""
        for item in islice(items, count):
            self._remember([item])
            self.report.position += 1
        self.report.resumed_at = self.report.position

    def run(self, items: Iterable[Item]) -> UpsertReport:
        for batch in _batches(items, self.batch_size):
            self._take(batch)
            self.progressed(self.report)
            if self.should_stop():
                break
        return self.report

    def _take(self, batch: Sequence[Item]) -> None:
        wanted = [item for item in batch if not isinstance(item, Refusal)]
        for item in batch:
            if isinstance(item, Refusal):
                self._refuse(item)
        self.report.position += len(batch)
        try:
            self._write(wanted, commit=True)
        except (DataError, IntegrityError):
            self._write_one_by_one(wanted)
        self._remember(wanted)

    def _write(self, items: Sequence[Record | Deletion], *, commit: bool) -> None:
        after = replace(self.report)
        with _storage_errors(self.report), transaction.atomic():
            counts = self._writer.write(items, seen=self._seen)
            after.added += counts.added
            after.changed += counts.changed
            after.skipped += counts.skipped
            after.refused += len(counts.repeated)
            if commit:
                self.committed(after)
            if self.dry_run:
                transaction.set_rollback(True)
        if self.dry_run:  # what it remembers of venues and categories was rolled back
            self._writer = BatchWriter(now=self.now)
        self.report = after
        for record in counts.repeated:
            self.refused(Refusal(self.location, record.line, "id", f"{record.key}: {_REPEATED}"))

    def _write_one_by_one(self, items: Sequence[Record | Deletion]) -> None:
        """The database refused something of the batch: find it, and keep its neighbours."""
        self._writer = BatchWriter(now=self.now)
        for item in items:
            try:
                self._write([item], commit=False)
            except (DataError, IntegrityError) as exc:
                logger.warning("%s was refused by the database", item.key, exc_info=True)
                self._writer = BatchWriter(now=self.now)
                self._refuse(Refusal(self.location, item.line, "", f"{item.key}: the database refused it: {exc}"))
        self._write([], commit=True)

    def _refuse(self, refusal: Refusal) -> None:
        self.report.refused += 1
        self.refused(refusal)

    def _remember(self, items: Iterable[Item]) -> None:
        if self._seen is None:
            return
        for item in items:
            if isinstance(item, Record):
                self._seen.add(item.key)


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
    """What an import tells while it runs: refusals, progress (report and share of the file), and whether to stop."""

    refused: Callable[[Refusal], None] = _ignore
    progressed: Callable[[UpsertReport, float | None], None] = lambda _report, _share: None
    should_stop: Callable[[], bool] = lambda: False


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
        return _import_opened(path, None, alias, options, hooks, now or timezone.now())
    with path.open("rb") as raw:
        alias = options.source or recognise(path, raw.peek(HEAD_BYTES)[:HEAD_BYTES])
        return _import_opened(path, raw, alias, options, hooks, now or timezone.now())


def import_stream(
    stream: BinaryIO, *, options: ImportOptions, hooks: ImportHooks = ImportHooks(), now: datetime | None = None
) -> UpsertReport:
    """Import standard input or another stream that cannot be read again: without resuming."""
    source = paper_sources[options.source or "jsonl"]
    upserter = _upserter("standard input", source, options, hooks, now or timezone.now(), share=lambda: None)
    with decompressed(stream) as plain:
        return upserter.run(islice(source.read(plain, name="standard input"), options.limit))


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
    upserter.committed = lambda report: _save_run(run, report)
    upserter.pass_over(items, run.position)
    upserter.run(items)
    if not hooks.should_stop():
        ImportRun.objects.filter(pk=run.pk).update(finished=True)
    return upserter.report


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
        return fresh
    return run


def _save_run(run: ImportRun, report: UpsertReport) -> None:
    run.position = report.position
    run.n_added, run.n_changed = report.added, report.changed
    run.n_skipped, run.n_refused = report.skipped, report.refused
    run.save(update_fields=["position", "n_added", "n_changed", "n_skipped", "n_refused", "updated_at"])


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of at most ``size`` items and some 8 million characters."""
    batch: list[Item] = []
    characters = 0
    for item in items:
        batch.append(item)
        characters += len(item.abstract) if isinstance(item, Record) else 0
        if len(batch) >= size or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


@contextmanager
def _storage_errors(report: UpsertReport) -> Iterator[None]:
    """A full disk gets a message that says what is safe and what to do."""
    try:
        yield
    except OperationalError as exc:
        if "full" not in str(exc).lower() and "no space" not in str(exc).lower():
            raise
        raise StorageFull(
            f"no room left to write the database ({connection.settings_dict['NAME']}). "
            f"{report.added + report.changed:,} papers of this run were saved and stay; make room and run the same "
            "command again: it goes on from there."
        ) from exc
