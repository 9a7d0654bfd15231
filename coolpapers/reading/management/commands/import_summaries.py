"""``manage.py import_summaries FILE…``: import summaries written elsewhere."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.records.record import Refusal
from coolpapers.papers.sources.base import decompressed
from coolpapers.reading.summaries.importing import import_summaries
from coolpapers.reading.summarizers.imported import ImportedSummary, read_summaries


class Command(BaseCommand):
    help = "Import summaries from JSON Lines: objects with id, markdown and optionally lang, title, kind, source."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="JSON Lines, gzip or not; - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="report the result without changing anything")
        parser.add_argument("--limit", type=int, metavar="N", help="read only the first N records of each file")

    def handle(self, *args: Any, **options: Any) -> None:
        n_refused = 0
        for name in options["files"]:
            report = self._import(name, limit=options["limit"], dry_run=options["dry_run"])
            n_refused += report
        if n_refused:
            raise CommandError(f"{n_refused:,} records were refused; the others were imported.", returncode=1)

    def _import(self, name: str, *, limit: int | None, dry_run: bool) -> int:
        with _open(name) as stream:
            records = _limited(_read_records(stream, name=name), limit)
            report = import_summaries(records, now=timezone.now(), dry_run=dry_run)
        for refusal in report.refused:
            self.stderr.write(str(refusal))
        self.stdout.write(f"{name}: {report}{' (dry run; nothing was changed)' if dry_run else ''}")
        return len(report.refused)


@contextmanager
def _open(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as stream:
            yield stream
    except OSError as exc:
        raise CommandError(f"{name} cannot be read: {exc.strerror or exc}.") from exc


def _read_records(raw: BinaryIO, *, name: str) -> Iterator[ImportedSummary | Refusal]:
    """Records of a possibly compressed stream; damage ends it with a refusal and keeps the records before."""
    try:
        with decompressed(raw) as stream:
            yield from read_summaries(stream, name=name)
    except SourceFormatError as exc:
        yield Refusal(name, 0, "", str(exc))


def _limited(records: Iterator[ImportedSummary | Refusal], limit: int | None) -> Iterator[ImportedSummary | Refusal]:
    for n, record in enumerate(records):
        if limit is not None and n >= limit:
            return
        yield record
