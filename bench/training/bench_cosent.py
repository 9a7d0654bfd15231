"""Does CoSENT order labelled pairs better than cosine MSE, Sentence-BERT's softmax, AnglE or cross-entropy?

    python -m bench.training.bench_cosent FOLDER [--only stsb_en sick] [--seconds 600]

Encoders and cross-encoders are trained from all-MiniLM-L6-v2 on ``SHARED/pairs``, all layers but the word embeddings.
Base, steps, batches and seeds are the same for all losses. Each run writes one small file to FOLDER and is not
repeated. When all are there, or the seconds are over, one JSON object with the results so far is printed.

The learning rate of each loss is tuned with the first seed: of full runs with each rate, the one with the highest
Spearman on the dev set is chosen, and the other seeds run with it. ``sick`` takes the rates of ``stsb_en``. It has no
separate test set, so its dev set is the test set, and held-out training pairs are its dev set. Test sets are never used
to choose.
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
from rerank.training.runs import Plan
from rerank.training.trainable_models import load_trainable
from rerank.training.training import train
from rerank.training.training_data import GradedList, read_lists

SHARED = Path(os.environ.get("COOLPAPERS_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))

SEEDS = (0, 1, 2)
N_DEV = 150  # pairs of the dev set, the same in all runs; more would cost more than the steps between evaluations
N_TRANSFER = 400  # pairs of each set that was not trained on
N_RESAMPLES = 1000
N_POINTS = 4  # of a training curve, not counting its start
LISTS_PER_BATCH = 32
MAX_TOKENS = {"encoder": 32, "cross-encoder": 64}  # of a sentence, of a pair; 19 of 20 are not truncated
SCORING_BATCH = 64
DROPOUT = 0.1  # as in BERT's training; the configuration of all-MiniLM-L6-v2 has none
HELD_OUT = {"sick": "sick_dev"}  # data whose dev set is used as test set
ENCODER_LOSSES = ("cosent", "mse", "softmax", "angle")


@dataclass(frozen=True)
class Task:
    """One comparison of losses on one data set; the others are compared with the first loss."""

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
    """One training run and its result file."""

    task: Task
    loss: str
    rate: float
    seed: int
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / f"{self.task.name}-{self.loss}-{self.rate:g}-{self.seed}.json"

    def result(self) -> dict[str, Any] | None:
        """The content of its file; None if there is none, or it is of a run with another number of steps."""
        result: dict[str, Any] | None = json.loads(self.path.read_text()) if self.path.exists() else None
        return result if result is not None and result["plan"]["n_steps"] == self.task.n_steps else None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the result files")
    parser.add_argument("--only", nargs="*", choices=[task.name for task in TASKS], help="default: all")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no run after this time")
    parser.add_argument("--n-steps", type=int, help="number of steps (default: that of each task)")
    parser.add_argument("--precision", default="bf16")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + options.seconds
    tasks = [replace(task, n_steps=options.n_steps or task.n_steps) for task in TASKS]
    selected = [task for task in tasks if not options.only or task.name in options.only]
    rated = {task.name: next((other for other in tasks if other.name == task.tuned_on), task) for task in selected}
    for task in selected:
        while time.monotonic() < end:
            run = next(_missing(task, rated[task.name], options.folder), None)
            if run is None:
                break
            perform(run, precision=options.precision)
    reports = {task.name: report(task, rated[task.name], options.folder) for task in selected}
    print(json.dumps({"bench": "cosent", "max_tokens": MAX_TOKENS, "tasks": reports}, indent=1))


def _missing(task: Task, rated: Task, folder: Path) -> Iterator[Run]:
    """Runs without a result: all rates with the first seed, then the best rate of each loss with the other seeds.

    `rated` is the task whose rates are used.
    """
    for rate in task.rates if rated is task else ():
        runs = (Run(task, loss, rate, SEEDS[0], folder) for loss in task.losses)
        yield from (run for run in runs if run.result() is None)
    rates = best_rates(rated, folder)
    runs = (Run(task, loss, rates[loss], seed, folder) for seed in SEEDS for loss in task.losses if loss in rates)
    yield from (run for run in runs if run.result() is None)


def best_rates(task: Task, folder: Path) -> dict[str, float]:
    """For each loss, the rate with the highest Spearman on the dev set, of the finished runs with the first seed."""
    best = {}
    for loss in task.losses:
        results = {rate: Run(task, loss, rate, SEEDS[0], folder).result() for rate in task.rates}
        dev = {rate: result["dev"] for rate, result in results.items() if result is not None}
        if dev:
            best[loss] = max(dev, key=dev.__getitem__)
    return best


def perform(run: Run, *, precision: str) -> None:
    """Train, score the test sets, and write the result file."""
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
    started = time.process_time()
    with tempfile.TemporaryDirectory() as work:
        outcome = train(plan, lists, dev, folder=Path(work) / "model", device="cpu")
        if not outcome.finished:
            sys.exit(130)  # stopped by a signal; the next start repeats this run
        tests = {name: _scores(Path(work) / "model", plan, name) for name in _test_sets(task)}
    metrics = outcome.metrics
    curve = [{"step": 0, "dev": metrics["before"]}, *metrics["curve"]]
    result = {
        "plan": metrics["plan"],
        "curve": [[point["step"], round(point["dev"]["spearman"], 4)] for point in curve],
        "dev": metrics["after"]["spearman"],
        "scores": tests,
        "cpu_s": round(time.process_time() - started, 1),
        "versions": metrics["versions"],
    }
    part = run.path.with_suffix(".part")
    part.write_text(json.dumps(result))
    part.replace(run.path)


def report(task: Task, rated: Task, folder: Path) -> dict[str, Any]:
    """Summary of the results of a task so far."""
    rates = best_rates(rated, folder)
    results = {
        loss: [result for seed in SEEDS if (result := Run(task, loss, rate, seed, folder).result()) is not None]
        for loss, rate in rates.items()
    }
    results = {loss: runs for loss, runs in results.items() if runs}
    summary: dict[str, Any] = {"n_steps": task.n_steps, "pairs_per_step": LISTS_PER_BATCH, "losses": {}}
    for loss, runs in results.items():
        summary["losses"][loss] = {
            "rate": rates[loss],
            "seeds": len(runs),
            "curve": [
                [point[0][0], _mean([values[1] for values in point])] for point in zip(*(run["curve"] for run in runs))
            ],
            "cpu_s_a_run": _mean([run["cpu_s"] for run in runs]),
        }
    for name in _test_sets(task) if results else ():
        columns = {loss: [run["scores"][name] for run in runs] for loss, runs in results.items()}
        stock = _stock_scores(task, name, folder)
        labels = [item.labels[0] for item in _test_lists(name)]
        for loss, measured in compare(columns | ({"stock": [stock]} if stock else {}), labels).items():
            summary["losses"].setdefault(loss, {})[name] = measured
    if rated is task:
        summary["dev by rate"] = {
            loss: {
                f"{rate:g}": round(result["dev"], 4)
                for rate in task.rates
                if (result := Run(task, loss, rate, SEEDS[0], folder).result()) is not None
            }
            for loss in task.losses
        }
    return summary


def compare(columns: Mapping[str, Sequence[Sequence[float]]], labels: Sequence[float]) -> dict[str, dict[str, Any]]:
    """Spearman of each system, as the mean over its seeds, with a 95 % bootstrap interval over pairs.

    Parameters
    ----------
    columns
        For each system, the scores of its seeds, each (n_pairs,). The others are compared with the first system on the
        same resamples (paired). Seeds are not resampled.
    """
    label_array = np.asarray(labels)
    scores = {name: [np.asarray(seed) for seed in seeds] for name, seeds in columns.items()}
    rng = np.random.default_rng(0)
    resampled = {name: np.empty(N_RESAMPLES) for name in scores}
    for number in range(N_RESAMPLES):
        rows = rng.integers(len(label_array), size=len(label_array))
        for name, seeds in scores.items():
            resampled[name][number] = np.mean([spearman(seed[rows], label_array[rows]) for seed in seeds])
    first = next(iter(scores), None)
    table: dict[str, dict[str, Any]] = {}
    for name, seeds in scores.items():
        by_seed = [spearman(seed, label_array) for seed in seeds]
        table[name] = {
            "spearman": _mean(by_seed),
            "interval": _interval(resampled[name]),
            "seeds": [_mean([value]) for value in by_seed],
        }
        if first is not None and name != first:
            mean_first = float(np.mean([spearman(seed, label_array) for seed in scores[first]]))
            table[name][f"{first} better by"] = [
                round(mean_first - float(np.mean(by_seed)), 4),
                *_interval(resampled[first] - resampled[name]),
            ]
    return table


def _interval(values: Float64s) -> list[float]:
    return [round(float(edge), 4) for edge in np.quantile(values, [0.025, 0.975])]


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)


def _stock_scores(task: Task, name: str, folder: Path) -> list[float] | None:
    """Scores of the untrained encoder, cached in a file; None for cross-encoders, whose output layer is random."""
    if task.kind != "encoder":
        return None
    path = folder / f"stock-{name}.json"
    if not path.exists():
        scores = _scores(
            find_model(Plan().model), Plan(kind=task.kind, max_tokens=MAX_TOKENS[task.kind], precision="bf16"), name
        )
        path.write_text(json.dumps(scores))
    cached: list[float] = json.loads(path.read_text())
    return cached


def _training_data(name: str) -> tuple[list[GradedList], list[GradedList]]:
    """Training pairs, and a fixed sample of the dev set."""
    lists = read_lists(SHARED / "pairs" / f"{name}_train.jsonl.gz")
    if name in HELD_OUT:
        order = np.random.default_rng(0).permutation(len(lists))
        return [lists[row] for row in order[N_DEV:]], [lists[row] for row in order[:N_DEV]]
    return lists, _sampled(read_lists(SHARED / "pairs" / f"{name}_dev.jsonl.gz"), N_DEV)


def _test_sets(task: Task) -> list[str]:
    return [HELD_OUT.get(task.data, f"{task.data}_test"), *task.transfer]


def _test_lists(name: str) -> list[GradedList]:
    lists = read_lists(SHARED / "pairs" / f"{name}.jsonl.gz")
    return _sampled(lists, N_TRANSFER) if name.startswith("sts1") else lists


def _sampled(lists: list[GradedList], n: int) -> list[GradedList]:
    """The same `n` random lists in every run, in their order."""
    return [lists[row] for row in np.sort(np.random.default_rng(0).permutation(len(lists))[:n])]


def _scores(model: Path, plan: Plan, name: str) -> list[float]:
    """Scores of all pairs of a test set, in its order; batches hold pairs of similar length."""
    lists = _test_lists(name)
    trainable = load_trainable(plan.kind, model, max_tokens=plan.max_tokens)
    trainable.module.eval()
    order = np.argsort([len(item.query) + len(item.texts[0]) for item in lists], kind="stable")
    scores = np.empty(len(lists))
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=plan.precision == "bf16"):
        for rows in np.array_split(order, -(-len(order) // SCORING_BATCH)):
            scores[rows] = trainable.scores([lists[row] for row in rows]).float().numpy()
    return [round(float(score), 5) for score in scores]


if __name__ == "__main__":
    main()
