"""Items written batch by batch, each batch in one transaction; what a batch does is :mod:`.writing`'s.

:class:`Upserter` is the loop that imports of files, harvests and single records share.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from coolpapers.papers.errors import StorageFull
from coolpapers.papers.importing.seen_keys import SeenKeys
from coolpapers.papers.importing.writing import BatchWriter
from coolpapers.papers.records.record import Deletion, Item, Record, Refusal
from search.base.aliases import ShouldStop, never_stop

logger = logging.getLogger(__name__)

BATCH_SIZE = 1000  # records a transaction; 500 to 4,000 measure alike
_BATCH_CHARACTERS = 8_000_000  # a batch ends earlier where abstracts are long, so that memory stays flat
_REPEATED = "this id came before in the file, with other content; the first record is kept"
_REUSED = (
    "this id is that of another paper in the library, “{title}”; give the record an id of its own, or delete that "
    "paper first"
)


@dataclass(slots=True)
class UpsertReport:
    """What became of records. ``position`` counts all items read, ``resumed_at`` those passed over at the start.

    ``dropped`` counts fields that were left out of records that were taken.
    """

    added: int = 0
    changed: int = 0
    skipped: int = 0
    refused: int = 0
    dropped: int = 0
    position: int = 0
    resumed_at: int = 0

    def __str__(self) -> str:
        counts = (f"{self.added:,} added", f"{self.changed:,} changed", f"{self.skipped:,} unchanged")
        dropped = (f"{self.dropped:,} fields dropped",) if self.dropped else ()
        return ", ".join((*counts, f"{self.refused:,} refused", *dropped))


def _ignore(_: object) -> None:
    return None


@dataclass(kw_only=True)
class Upserter:
    """Takes items from an iterator batch by batch; see :func:`coolpapers.papers.importing.services.import_file`.

    ``refused`` is told of each refused record, ``dropped`` of each field that was left out of a record.
    ``committed`` is called inside each batch's transaction with the report as it will be, ``progressed`` after it; a
    true ``should_stop()`` ends the run after a batch. ``repeats_replace``: see
    :class:`coolpapers.papers.sources.base.PaperSource`.
    """

    location: str
    now: datetime
    dry_run: bool = False
    repeats_replace: bool = True
    batch_size: int = BATCH_SIZE
    refused: Callable[[Refusal], None] = _ignore
    dropped: Callable[[Refusal], None] = _ignore
    committed: Callable[[UpsertReport], None] = _ignore
    progressed: Callable[[UpsertReport], None] = _ignore
    should_stop: ShouldStop = never_stop
    report: UpsertReport = field(default_factory=UpsertReport)

    def __post_init__(self) -> None:
        self._writer = BatchWriter(now=self.now)
        self._seen = None if self.repeats_replace else SeenKeys()

    def pass_over(self, items: Iterator[Item], count: int) -> None:
        """Leave out what an earlier, interrupted run has written."""
        for item in islice(items, count):
            self._remember([item])
            self.report.position += 1
        self.report.resumed_at = self.report.position

    def run(self, items: Iterable[Item]) -> UpsertReport:
        with _rare_collections(), _unmapped_database():
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
            elif isinstance(item, Record) and item.dropped:
                self._tell_dropped(item)
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
            after.refused += len(counts.repeated) + len(counts.reused)
            if commit:
                self.committed(after)
            if self.dry_run:
                transaction.set_rollback(True)
        if self.dry_run:  # what it remembers of venues and categories was rolled back
            self._writer = BatchWriter(now=self.now)
        self.report = after
        for record in counts.repeated:
            self.refused(Refusal(self.location, record.line, "id", f"{record.key}: {_REPEATED}"))
        for record, title in counts.reused:
            self.refused(
                Refusal(self.location, record.line, "id", f"{record.key}: {_REUSED.format(title=title[:200])}")
            )

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

    def _tell_dropped(self, record: Record) -> None:
        self.report.dropped += len(record.dropped)
        for dropped in record.dropped:
            reason = f"{dropped.reason} (dropped from {record.key})"
            self.dropped(Refusal(self.location, record.line, dropped.field, reason))

    def _remember(self, items: Iterable[Item]) -> None:
        if self._seen is None:
            return
        for item in items:
            if isinstance(item, Record):
                self._seen.add(item.key)


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


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for cycles of garbage seldom: records make none, and looking takes a tenth of an import's time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _unmapped_database() -> Iterator[None]:
    """Read an SQLite file through its cache: what is mapped counts as memory of the process, up to 256 MB."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA mmap_size").fetchone()
        cursor.execute("PRAGMA mmap_size=0").fetchone()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA mmap_size={int(before[0]) if before else 0}").fetchone()
