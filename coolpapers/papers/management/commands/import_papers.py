"""``manage.py import_papers FILE…``: bring papers from files into the library."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from coolpapers.base.progress import ProgressLine, stop_signal
from coolpapers.papers.errors import PapersError
from coolpapers.papers.importing.services import ImportHooks, ImportOptions, import_file, import_stream
from coolpapers.papers.importing.upserting import UpsertReport
from coolpapers.papers.records.record import Refusal

_SHOWN_DROPPED = 20  # lines a file; all are counted, and kept with the import run


class Command(BaseCommand):
    help = (
        "Import papers from files (gzip too; - reads standard input). An interrupted import goes on where it "
        "stopped; a file imported again changes only what changed in it. Exit status 1 if some records were refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", nargs="+", metavar="FILE", help="a file, a folder of PDFs, or - for standard input"
        )
        parser.add_argument(
            "--source", choices=sorted(settings.PAPER_SOURCES), help="the file's form; default: recognised"
        )
        parser.add_argument("--limit", type=int, metavar="N", help="take only the first N records")
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, save nothing")

    def handle(self, *, files: list[str], source: str | None, limit: int | None, dry_run: bool, **_: Any) -> None:
        options = ImportOptions(source=source or "", limit=limit, dry_run=dry_run)
        n_refused = 0
        with stop_signal() as self.stopped:
            for name in files:
                n_refused += self._import(name, options).refused
                if self.stopped():
                    raise CommandError("Stopped; run the same command again to go on.", returncode=143)
        if n_refused:
            raise CommandError(f"{n_refused:,} records were refused; the others are in the library.", returncode=1)

    def _import(self, name: str, options: ImportOptions) -> UpsertReport:
        progress = ProgressLine(sys.stderr, clock=time.monotonic)
        self._n_dropped = 0

        def refused(refusal: Refusal) -> None:
            progress.clear()
            self.stderr.write(f"refused: {refusal}")

        def dropped(refusal: Refusal) -> None:
            self._n_dropped += 1
            if self._n_dropped <= _SHOWN_DROPPED:
                progress.clear()
                self.stderr.write(f"dropped: {refusal}")

        hooks = ImportHooks(
            refused=refused,
            dropped=dropped,
            progressed=lambda report, share: progress.show(report.position, share=share),
            should_stop=self.stopped,
        )
        started = time.monotonic()
        try:
            if name == "-":
                report = import_stream(sys.stdin.buffer, options=options, hooks=hooks)
            else:
                report = import_file(Path(name), options=options, hooks=hooks)
        except (PapersError, OSError) as exc:
            progress.clear()
            raise CommandError(str(exc) if isinstance(exc, PapersError) else f"{name}: {exc.strerror}") from exc
        progress.clear()
        self._say(name, report, time.monotonic() - started, dry_run=options.dry_run)
        return report

    def _say(self, name: str, report: UpsertReport, elapsed_s: float, *, dry_run: bool) -> None:
        if report.resumed_at:
            self.stdout.write(f"{name}: went on after record {report.resumed_at:,}")
        speed = (report.position - report.resumed_at) / max(elapsed_s, 1e-9)
        if self._n_dropped > _SHOWN_DROPPED:
            self.stderr.write(f"dropped: {self._n_dropped - _SHOWN_DROPPED:,} more fields; the admin lists them.")
        tail = "; nothing was saved (dry run)" if dry_run else ""
        self.stdout.write(f"{name}: {report} in {elapsed_s:.1f} s ({speed:,.0f} records/s){tail}")
