"""Does CoSENT order labelled pairs better than cosine MSE, Sentence-BERT's softmax, AnglE or cross-entropy?

    python -m bench.training.bench_cosent FOLDER [--only stsb_en sick] [--seconds 600]

Encoders and cross-encoders from all-MiniLM-L6-v2, all layers trained above the word embeddings, on ``SHARED/pairs``;
base, steps, batches and seeds are the same for all losses. Each run leaves one small file in FOLDER and is not run
again; with all of them there, or when the seconds are over, one JSON object is printed of what is there.

The learning rate of each loss is tuned with the first seed: a full run with each rate, the highest Spearman on the dev
set is kept, and the other seeds run with it; ``sick`` takes the rates found on ``stsb_en``. It has no test set here:
its dev set is the test set, and pairs held out of its training part are the dev set. No test set chooses anything.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rerank.arrays import Float64s
from rerank.encoders.weights import find_model
from rerank.evaluation import spearman
from rerank.training.trainable_models import load_trainee
from rerank.training.training import Plan, train
from rerank.training.training_data import GradedList, read_lists

SHARED = Path(os.environ.get("COOLPAPERS_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))

SEEDS = (0, 1, 2)
N_DEV = 150  # pairs of the dev set, drawn once: a point of the curve is to cost less than the steps before it
N_TRANSFER = 400  # pairs of each set that nothing was trained on
N_RESAMPLES = 1000
N_POINTS = 4  # of a curve, beside its start
LISTS_PER_BATCH = 32
MAX_TOKENS = {"encoder": 32, "cross-encoder": 64}  # of a sentence, of a pair; 19 of 20 are whole
SCORED_AT_ONCE = 64
DROPOUT = 0.1  # as BERT was trained; all-MiniLM-L6-v2 is stored without
HELD_OUT = {"sick": "sick_dev"}  # data whose dev set is the test set here
ENCODER_LOSSES = ("cosent", "mse", "softmax", "angle")


@dataclass(frozen=True)
class Task:
    """One comparison: what is trained, by which losses (the first is compared with), for how long."""

    name: str
    data: str
    n_steps: int
    rates: tuple[float, ...]
    losses: tuple[str, ...] = ENCODER_LOSSES
    kind: str = "encoder"
    tuned_on: str | None = None
    transfer: tuple[str, ...] = ()


TASKS = (
    Task("stsb_en", "stsb_en", 120, (1e-4, 3e-5, 1e-5)),
    Task("sick", "sick", 120, (1e-4, 3e-5, 1e-5), tuned_on="stsb_en"),
    Task(
        "stsb_en_cross_encoder",
        "stsb_en",
        160,
        (1e-4, 3e-4),
        losses=("cosent", "cross-entropy"),
        kind="cross-encoder",
        transfer=("sts12_test", "sts13_test", "sts14_test", "sts15_test"),
    ),
    Task("stsb_zh", "stsb_zh", 120, (1e-4, 3e-4)),
)


@dataclass(frozen=True)
class Run:
    """One training and the file it leaves."""

    task: Task
    loss: str
    rate: float
    seed: int
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / f"{self.task.name}-{self.loss}-{self.rate:g}-{self.seed}.json"

    def found(self) -> dict[str, Any] | None:
        """What it left, if it ran with as many steps."""
        found: dict[str, Any] | None = json.loads(self.path.read_text()) if self.path.exists() else None
        return found if found is not None and found["plan"]["n_steps"] == self.task.n_steps else None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where each run leaves its file")
    parser.add_argument("--only", nargs="*", choices=[task.name for task in TASKS], help="default: all")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no run after so many")
    parser.add_argument("--n-steps", type=int, help="instead of each task's own")
    parser.add_argument("--precision", default="bf16")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + options.seconds
    tasks = [replace(task, n_steps=options.n_steps or task.n_steps) for task in TASKS]
    wanted = [task for task in tasks if not options.only or task.name in options.only]
    rated = {task.name: next((other for other in tasks if other.name == task.tuned_on), task) for task in wanted}
    for task in wanted:
        while time.monotonic() < end:
            run = next(_missing(task, rated[task.name], options.folder), None)
            if run is None:
                break
            perform(run, precision=options.precision)
    answer = {task.name: report(task, rated[task.name], options.folder) for task in wanted}
    print(json.dumps({"bench": "cosent", "max_tokens": MAX_TOKENS, "tasks": answer}, indent=1))


def _missing(task: Task, rated: Task, folder: Path) -> Iterator[Run]:
    """Runs without a file: every rate with the first seed, then the best rate of each loss with the others."""
    for rate in task.rates if rated is task else ():
        runs = (Run(task, loss, rate, SEEDS[0], folder) for loss in task.losses)
        yield from (run for run in runs if run.found() is None)
    rates = best_rates(rated, folder)
    runs = (Run(task, loss, rates[loss], seed, folder) for seed in SEEDS for loss in task.losses if loss in rates)
    yield from (run for run in runs if run.found() is None)


def best_rates(task: Task, folder: Path) -> dict[str, float]:
    """For each loss the rate with the highest Spearman on the dev set, of those that ran with the first seed."""
    best = {}
    for loss in task.losses:
        tried = {rate: Run(task, loss, rate, SEEDS[0], folder).found() for rate in task.rates}
        dev = {rate: found["dev"] for rate, found in tried.items() if found is not None}
        if dev:
            best[loss] = max(dev, key=dev.__getitem__)
    return best


def perform(run: Run, *, precision: str) -> None:
    """Train, score the test sets, and write the run's file."""
    task = run.task
    lists, dev = _training_data(task.data)
    plan = Plan(
        kind=task.kind,
        loss=run.loss,
        n_steps=task.n_steps,
        lists_per_batch=LISTS_PER_BATCH,
        lr=run.rate,
        max_tokens=MAX_TOKENS[task.kind],
        precision=precision,
        freeze_embeddings=True,
        dropout=DROPOUT,
        evaluate_every=max(1, task.n_steps // N_POINTS),
        checkpoint_every=10 * task.n_steps,
        seed=run.seed,
    )
    began = time.process_time()
    with tempfile.TemporaryDirectory() as work:
        outcome = train(plan, lists, dev, folder=Path(work) / "model", device="cpu")
        if not outcome.finished:
            sys.exit(130)  # stopped by a signal; the next start trains this one again
        tests = {name: _scores(Path(work) / "model", plan, name) for name in _test_sets(task)}
    metrics = outcome.metrics
    curve = [{"step": 0, "dev": metrics["before"]}, *metrics["curve"]]
    found = {
        "plan": metrics["plan"],
        "curve": [[point["step"], round(point["dev"]["spearman"], 4)] for point in curve],
        "dev": metrics["after"]["spearman"],
        "scores": tests,
        "cpu_s": round(time.process_time() - began, 1),
        "versions": metrics["versions"],
    }
    part = run.path.with_suffix(".part")
    part.write_text(json.dumps(found))
    part.replace(run.path)


def report(task: Task, rated: Task, folder: Path) -> dict[str, Any]:
    """What the files of a task say; losses and seeds without one are left out."""
    rates = best_rates(rated, folder)
    kept = {
        loss: [found for seed in SEEDS if (found := Run(task, loss, rate, seed, folder).found()) is not None]
        for loss, rate in rates.items()
    }
    kept = {loss: runs for loss, runs in kept.items() if runs}
    answer: dict[str, Any] = {"n_steps": task.n_steps, "pairs_per_step": LISTS_PER_BATCH, "losses": {}}
    for loss, runs in kept.items():
        answer["losses"][loss] = {
            "rate": rates[loss],
            "seeds": len(runs),
            "curve": [[point[0][0], _mean([at[1] for at in point])] for point in zip(*(run["curve"] for run in runs))],
            "cpu_s_a_run": _mean([run["cpu_s"] for run in runs]),
        }
    for name in _test_sets(task) if kept else ():
        columns = {loss: [run["scores"][name] for run in runs] for loss, runs in kept.items()}
        stock = _stock_scores(task, name, folder)
        labels = [item.labels[0] for item in _test_lists(name)]
        for loss, measured in compare(columns | ({"stock": [stock]} if stock else {}), labels).items():
            answer["losses"].setdefault(loss, {})[name] = measured
    if rated is task:
        answer["dev by rate"] = {
            loss: {
                f"{rate:g}": round(found["dev"], 4)
                for rate in task.rates
                if (found := Run(task, loss, rate, SEEDS[0], folder).found()) is not None
            }
            for loss in task.losses
        }
    return answer


def compare(columns: Mapping[str, Sequence[Sequence[float]]], labels: Sequence[float]) -> dict[str, dict[str, Any]]:
    """Spearman of each system, the mean over its seeds, with a 95 % interval from resampled pairs.

    Parameters
    ----------
    columns
        For each system the scores of its seeds, each (n_pairs,). The first system is what the others are compared
        with, on the same resamples (paired); only pairs are resampled, not seeds.
    """
    wanted = np.asarray(labels)
    scores = {name: [np.asarray(seed) for seed in seeds] for name, seeds in columns.items()}
    rng = np.random.default_rng(0)
    drawn = {name: np.empty(N_RESAMPLES) for name in scores}
    for at in range(N_RESAMPLES):
        rows = rng.integers(len(wanted), size=len(wanted))
        for name, seeds in scores.items():
            drawn[name][at] = np.mean([spearman(seed[rows], wanted[rows]) for seed in seeds])
    first = next(iter(scores), None)
    answer: dict[str, dict[str, Any]] = {}
    for name, seeds in scores.items():
        each = [spearman(seed, wanted) for seed in seeds]
        answer[name] = {
            "spearman": _mean(each),
            "interval": _interval(drawn[name]),
            "seeds": [_mean([x]) for x in each],
        }
        if first is not None and name != first:
            mean_first = float(np.mean([spearman(seed, wanted) for seed in scores[first]]))
            answer[name][f"{first} better by"] = [
                round(mean_first - float(np.mean(each)), 4),
                *_interval(drawn[first] - drawn[name]),
            ]
    return answer


def _interval(values: Float64s) -> list[float]:
    return [round(float(edge), 4) for edge in np.quantile(values, [0.025, 0.975])]


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)


def _stock_scores(task: Task, name: str, folder: Path) -> list[float] | None:
    """Scores of the untrained encoder, kept in a file too; a cross-encoder starts with a random output layer."""
    if task.kind != "encoder":
        return None
    path = folder / f"stock-{name}.json"
    if not path.exists():
        scores = _scores(
            find_model(Plan().model), Plan(kind=task.kind, max_tokens=MAX_TOKENS[task.kind], precision="bf16"), name
        )
        path.write_text(json.dumps(scores))
    found: list[float] = json.loads(path.read_text())
    return found


def _training_data(name: str) -> tuple[list[GradedList], list[GradedList]]:
    """Pairs to train on, and the drawn pairs of the dev set."""
    lists = read_lists(SHARED / "pairs" / f"{name}_train.jsonl.gz")
    if name in HELD_OUT:
        order = np.random.default_rng(0).permutation(len(lists))
        return [lists[row] for row in order[N_DEV:]], [lists[row] for row in order[:N_DEV]]
    return lists, _drawn(read_lists(SHARED / "pairs" / f"{name}_dev.jsonl.gz"), N_DEV)


def _test_sets(task: Task) -> list[str]:
    return [HELD_OUT.get(task.data, f"{task.data}_test"), *task.transfer]


def _test_lists(name: str) -> list[GradedList]:
    lists = read_lists(SHARED / "pairs" / f"{name}.jsonl.gz")
    return _drawn(lists, N_TRANSFER) if name.startswith("sts1") else lists


def _drawn(lists: list[GradedList], n: int) -> list[GradedList]:
    return [lists[row] for row in np.sort(np.random.default_rng(0).permutation(len(lists))[:n])]


def _scores(model: Path, plan: Plan, name: str) -> list[float]:
    """Score of every pair of a test set, in its order; pairs of like length are read together."""
    lists = _test_lists(name)
    trainee = load_trainee(plan.kind, model, max_tokens=plan.max_tokens)
    trainee.module.eval()
    order = np.argsort([len(item.query) + len(item.texts[0]) for item in lists], kind="stable")
    scores = np.empty(len(lists))
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=plan.precision == "bf16"):
        for rows in np.array_split(order, -(-len(order) // SCORED_AT_ONCE)):
            scores[rows] = trainee.scores([lists[row] for row in rows]).float().numpy()
    return [round(float(score), 5) for score in scores]


if __name__ == "__main__":
    main()
