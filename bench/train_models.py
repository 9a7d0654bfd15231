"""Makes the models that are shipped, from the development data: one command, resumed where it was stopped.

    python -m bench.train_models --vectors LIBRARY/vectors --work WORK --out rerank/models

The lists (``bench.training_lists``), the encoder, the cross-encoder in two stages (titles and spans of titles, which
teach it to read; then the lists), and both packed beside their base. An hour of one core with bf16; where there is a
GPU it is used, and ``--scale 10`` makes ten times as many lists and steps. The commands are printed as they run, with
what each measured on held-out lists.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from bench.search_corpus import SHARED
from bench.training_lists import SIZES

COMMON = ["--lists-per-batch=16", "--checkpoint-every=50", "--freeze-embeddings", "--resume"]
ENCODER = ["--kind=encoder", "--max-tokens=96", "--in-batch", "--compare=query", "--lr=4e-5"]
READING = ["--kind=cross-encoder", "--max-tokens=128", "--layers=3", "--lr=2e-4"]
RANKING = ["--kind=cross-encoder", "--max-tokens=128", "--compare=query", "--lr=1e-4"]
N_READING = 6000  # lists of titles
STEPS = {"encoder": 380, "reading": 260, "cross-encoder": 340}
RANK = 64  # of what is shipped
SHARES = {"encoder": 0.3, "cross-encoder": 1.0}  # of the change; chosen on the development sets


def main() -> None:
    """Train and pack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, help="vectors of the papers by the stock encoder; else they are made")
    parser.add_argument("--work", type=Path, required=True, help="lists, checkpoints and whole models")
    parser.add_argument("--out", type=Path, required=True, help="packed models")
    parser.add_argument("--scale", type=int, default=1, help="so many times the lists and steps")
    options = parser.parse_args()
    work, scale = options.work, options.scale
    lists = work / "lists.jsonl.gz"
    if not lists.with_suffix(".random.dev.gz").exists():
        sizes = [f"--{name}={number * scale}" for name, number in SIZES.items()]
        vectors = [f"--vectors={options.vectors}"] if options.vectors else []
        work.mkdir(parents=True, exist_ok=True)
        _run("bench.training_lists", f"--out={lists}", *sizes, *vectors)
    papers = [f"--papers={SHARED / 'papers.jsonl.gz'}", f"--n-lists={N_READING * scale}"]
    _train(work / "encoder", [*_lists(lists, ""), *ENCODER], scale=scale)
    _train(work / "reading", [*papers, *READING], scale=scale)
    _train(work / "cross-encoder", [*_lists(lists, ".random"), f"--model={work / 'reading'}", *RANKING], scale=scale)
    for name, share in SHARES.items():
        shape = [f"--kind={name}", f"--rank={RANK}", f"--share={share}"]
        _run("rerank", "pack", f"--model={work / name}", f"--out={options.out / f'papers-{name}'}", *shape)


def _lists(path: Path, kind: str) -> list[str]:
    return [f"--data={path.with_suffix(f'{kind}.gz')}", f"--dev={path.with_suffix(f'{kind}.dev.gz')}"]


def _train(folder: Path, arguments: list[str], *, scale: int) -> None:
    if not (folder / "metrics.json").exists():
        steps = f"--n-steps={STEPS[folder.name] * scale}"
        _run("rerank", "train", f"--out={folder}", steps, *COMMON, *arguments)


def _run(module: str, *arguments: str) -> None:
    sys.stderr.write(f"python -m {module} {' '.join(arguments)}\n")
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


if __name__ == "__main__":
    main()
