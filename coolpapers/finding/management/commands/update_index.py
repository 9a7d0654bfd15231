from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.base.progress import ProgressLine
from coolpapers.finding.indexing.index import update_index
from search.engines.registry import search_backend
from search.errors import IndexLocked, IndexUnavailable, IndexUnwritable


class Command(BaseCommand):
    help = "Bring the search index to the library's state: only what changed since the last time is read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--backend", help="Entry of SEARCH_BACKENDS; the one in use by default.")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = ProgressLine(sys.stderr, clock=time.monotonic, unit="papers", is_wanted=options["verbosity"] > 0)
        try:
            report = update_index(search_backend(options["backend"]), progress=progress.show)
        except (IndexLocked, IndexUnavailable, IndexUnwritable, LookupError) as exc:
            raise CommandError(str(exc)) from exc
        progress.clear()
        if options["verbosity"] > 0:
            done = "Built a new index of" if report.is_rebuilt else "Indexed"
            self.stdout.write(
                f"{done} {report.written:,} papers, removed {report.removed:,} (revision {report.revision})."
            )
