from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.base.progress import ProgressLine, stop_signal
from coolpapers.finding.indexing.embedding import EmbedReport, count_to_embed, embed_papers
from search.base.aliases import ShouldStop
from search.errors import DenseUnavailable, EmbeddingRunning
from search.neural.dense import retrievers

RETRY_S = 0.5


class Command(BaseCommand):
    help = "Embed new and changed papers, for semantic search and related papers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, help="Embed at most so many papers in this run.")
        parser.add_argument(
            "--wait",
            type=float,
            default=300.0,
            metavar="SECONDS",
            help="If another process is embedding, wait for it at most this long (default: %(default)s).",
        )
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
                report = self._run_when_free(
                    partial(
                        embed_papers,
                        retriever,
                        limit=options["limit"],
                        should_stop=should_stop,
                        progress=progress.show,
                    ),
                    wait_s=options["wait"],
                    should_stop=should_stop,
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

    def _run_when_free(self, run: Callable[[], EmbedReport], *, wait_s: float, should_stop: ShouldStop) -> EmbedReport:
        """Run as soon as no other process embeds: the task of a running site takes some seconds a minute."""
        end, is_told = time.monotonic() + wait_s, False
        while True:
            try:
                return run()
            except EmbeddingRunning:
                if should_stop() or time.monotonic() > end:
                    raise
                if not is_told:
                    self.stderr.write("Another process is embedding papers; waiting until it ends.")
                is_told = True
                time.sleep(RETRY_S)
