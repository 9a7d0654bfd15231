from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.base.progress import ProgressLine, stop_signal
from coolpapers.papers.models import Paper, latest_revision, revision_origin
from search.errors import SearchError
from search.neural.anchor_build import AnchorBuild, AnchorPaper
from search.neural.dense import retrievers
from search.neural.rerankers import AnchorReranker, rerankers

N_QUERIES = 64
N_PER_QUERY = 300
SEED = 0  # the same library gives the same anchors


class Command(BaseCommand):
    help = "Score anchor queries with the cross-encoder, which reranking uses to spend its budget. Resumable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--queries", type=int, default=N_QUERIES, help=f"The number of anchor queries ({N_QUERIES})."
        )
        parser.add_argument(
            "--papers-per-query", type=int, default=N_PER_QUERY, help=f"Papers scored for each query ({N_PER_QUERY})."
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
        self._build(reranker, reranker.anchors, options)

    def _build(self, reranker: AnchorReranker, folder: Path, options: dict[str, Any]) -> None:
        progress = ProgressLine(sys.stderr, clock=time.monotonic, unit="pairs", is_wanted=options["verbosity"] > 0)
        revision = latest_revision()
        rows = Paper.objects.order_by("pk").values_list("key", "title", "abstract").iterator(chunk_size=2_000)
        try:
            with stop_signal() as should_stop:
                build = AnchorBuild(
                    folder,
                    retrievers["default"],
                    reranker.open_model(),
                    n_queries=options["queries"],
                    n_per_query=options["papers_per_query"],
                    rng=np.random.default_rng(SEED),
                    revision=revision,
                    origin=revision_origin(revision),
                )
                report = build.run(
                    (AnchorPaper(*row) for row in rows),
                    should_stop=should_stop,
                    progress=lambda now: progress.show(now.done, share=now.done / now.total),
                )
        except SearchError as exc:
            raise CommandError(str(exc)) from exc
        progress.clear()
        if not report.is_finished:
            self.stdout.write("Stopped before the end; run build_anchors again to resume.")
        elif options["verbosity"] > 0:
            self.stdout.write(
                f"Scored {report.n_queries:,} queries against {report.n_pairs:,} pairs; "
                f"fitted to {report.n_papers:,} papers."
            )
