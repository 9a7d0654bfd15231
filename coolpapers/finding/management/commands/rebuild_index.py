from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.base.progress import ProgressLine
from coolpapers.finding.indexing.index import rebuild_index
from coolpapers.papers.models import Paper
from search.engines.registry import search_backend
from search.errors import IndexLocked, IndexUnavailable, IndexUnwritable


class Command(BaseCommand):
    help = "Build the search index anew and swap it in; searches go on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--backend", help="Entry of SEARCH_BACKENDS; the one in use by default.")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = ProgressLine(
            sys.stderr,
            clock=time.monotonic,
            unit="papers",
            n_total=Paper.objects.count(),
            is_wanted=options["verbosity"] > 0,
        )
        try:
            report = rebuild_index(search_backend(options["backend"]), progress=progress.show)
        except (IndexLocked, IndexUnavailable, IndexUnwritable, LookupError) as exc:
            raise CommandError(str(exc)) from exc
        progress.clear()
        if options["verbosity"] > 0:
            self.stdout.write(f"Indexed {report.written:,} papers anew (revision {report.revision}).")
