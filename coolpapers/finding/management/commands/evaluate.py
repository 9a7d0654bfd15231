from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.base.progress import ProgressLine
from coolpapers.finding.quality.datasets import read_dataset
from coolpapers.finding.quality.measure import (
    EvaluationReport,
    embed_corpus,
    evaluate,
    fit_fusion,
    open_library,
    to_paper_keys,
)
from search.errors import SearchError
from search.ranking.pipeline import MODES


class Command(BaseCommand):
    help = "Measure a ranking on judged queries: `evaluate --dataset DIR --mode hybrid --json`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dataset", type=Path, required=True, help="Folder with queries, qrels and optionally a corpus."
        )
        parser.add_argument(
            "--split", default="", help="Suffix of a further set of queries: `related` reads queries_related."
        )
        parser.add_argument("--mode", choices=MODES, default="bm25", help="The ranking mode (bm25).")
        parser.add_argument(
            "--pool", choices=["all", "judged"], default="all", help="Rank all papers, or only the judged ones."
        )
        parser.add_argument("--limit", type=int, help="Read at most so many queries.")
        parser.add_argument(
            "--fit-weights", action="store_true", help="Print fitted COOLPAPERS_FUSION_WEIGHTS instead."
        )
        parser.add_argument("--json", action="store_true", help="One JSON object instead of lines.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            dataset = read_dataset(options["dataset"], split=options["split"], limit=options["limit"])
            folder = settings.DATA_DIR / "evaluation" / dataset.name
            library = open_library(dataset, folder=folder)
            if dataset.corpus is None:
                dataset = to_paper_keys(dataset)
            elif options["mode"] != "bm25" or options["fit_weights"]:
                embed_corpus(library, dataset.corpus)
            if options["fit_weights"]:
                self._write_weights(fit_fusion(dataset, library))
                return
            progress = ProgressLine(
                sys.stderr,
                clock=time.monotonic,
                unit="queries",
                n_total=len(dataset.queries),
                is_wanted=options["verbosity"] > 0,
            )
            report = evaluate(dataset, library, mode=options["mode"], pool=options["pool"], progress=progress.show)
        except SearchError as exc:
            raise CommandError(str(exc)) from exc
        progress.clear()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report)))
        else:
            self._write_lines(report)

    def _write_weights(self, weights: dict[str, float]) -> None:
        self.stdout.write(",".join(f"{name}={weight:.3f}" for name, weight in sorted(weights.items())))

    def _write_lines(self, report: EvaluationReport) -> None:
        self.stdout.write(f"{report.dataset}, {report.mode}, {report.pool}: {report.n_queries:,} queries")
        for name, measured in report.measures.items():
            self.stdout.write(f"{name:8} {measured.mean:.3f}  [{measured.low:.3f}, {measured.high:.3f}]")
        self.stdout.write(f"{report.mean_ms:.0f} ms per query, {report.p95_ms:.0f} ms at the 95th percentile")
