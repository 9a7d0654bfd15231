from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.base.progress import ProgressLine, stop_signal
from coolpapers.finding.indexing.embedding import count_to_embed, embed_papers
from search.errors import DenseUnavailable
from search.neural.dense import retrievers


class Command(BaseCommand):
    help = "Embed new and changed papers, for semantic search and related papers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, help="Embed at most so many papers in this run.")
        parser.add_argument("--dry-run", action="store_true", help="Show how many papers would be embedded.")

    def handle(self, *args: Any, **options: Any) -> None:
        retriever = retrievers["default"]
        n_pending = count_to_embed(retriever)
        if options["dry_run"]:
            self.stdout.write(f"{n_pending:,} papers would be embedded.")
            return
        progress = ProgressLine(
            sys.stderr,
            clock=time.monotonic,
            unit="papers",
            n_total=min(options["limit"] or n_pending, n_pending),
            is_wanted=options["verbosity"] > 0,
        )
        try:
            with stop_signal() as should_stop:
                report = embed_papers(
                    retriever, limit=options["limit"], should_stop=should_stop, progress=progress.show
                )
        except DenseUnavailable as exc:
            raise CommandError(str(exc)) from exc
        progress.clear()
        if options["verbosity"] > 0:
            self.stdout.write(
                f"Embedded {report.n_embedded:,} of {report.n_changed:,} changed papers, "
                f"removed {report.n_removed:,} (revision {report.revision})."
            )
        if not report.is_finished:
            self.stdout.write("Stopped before the end; run embed_papers again to resume.")
