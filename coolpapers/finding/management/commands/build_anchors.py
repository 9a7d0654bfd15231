from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.base.progress import ProgressLine, stop_signal
from coolpapers.finding.indexing.anchors import AnchorSize, build_anchors
from coolpapers.papers.models import Paper
from search.errors import SearchError
from search.neural.dense import retrievers
from search.neural.rerankers import AnchorReranker, rerankers


class Command(BaseCommand):
    help = "Score anchor queries with the cross-encoder, which reranking uses to spend its budget. Resumable."

    def add_arguments(self, parser: CommandParser) -> None:
        size = AnchorSize()
        parser.add_argument(
            "--queries", type=int, default=size.n_queries, help="The number of anchor queries (%(default)s)."
        )
        parser.add_argument(
            "--papers-per-query",
            type=int,
            default=size.n_per_query,
            help="Papers scored for each query (%(default)s).",
        )
        parser.add_argument("--dry-run", action="store_true", help="Show how many pairs would be scored at most.")

    def handle(self, *args: Any, **options: Any) -> None:
        reranker = rerankers["default"]
        if not isinstance(reranker, AnchorReranker) or not reranker.is_configured:
            raise CommandError("There is no cross-encoder; set COOLPAPERS_CROSS_ENCODER to a model folder.")
        if problem := reranker.check():
            raise CommandError(problem)
        if options["dry_run"]:
            n_pairs = options["queries"] * min(options["papers_per_query"], Paper.objects.count())
            self.stdout.write(f"At most {n_pairs:,} pairs would be scored.")
            return
        self._build(reranker, AnchorSize(options["queries"], options["papers_per_query"]), options["verbosity"])

    def _build(self, reranker: AnchorReranker, size: AnchorSize, verbosity: int) -> None:
        progress = ProgressLine(sys.stderr, clock=time.monotonic, unit="pairs", is_wanted=verbosity > 0)
        try:
            with stop_signal() as should_stop:
                report = build_anchors(
                    reranker,
                    retrievers["default"],
                    size,
                    should_stop=should_stop,
                    progress=lambda now: progress.show(now.done, share=now.done / now.total),
                )
        except SearchError as exc:
            raise CommandError(str(exc)) from exc
        progress.clear()
        if not report.is_finished:
            self.stdout.write("Stopped before the end; run build_anchors again to resume.")
        elif verbosity > 0:
            self.stdout.write(
                f"Scored {report.n_queries:,} queries against {report.n_pairs:,} pairs; "
                f"fitted to {report.n_papers:,} papers."
            )
