from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.training import bench_cosent
from bench.training.bench_cosent import SEEDS, TASKS, Run, Task, best_rates, compare
from rerank.evaluation import spearman

TASK = replace(TASKS[0], rates=(0.1, 0.2), losses=("cosent", "mse"))


def leave(folder: Path, loss: str, rate: float, seed: int, *, dev: float, n_steps: int = TASK.n_steps) -> None:
    result = {"plan": {"n_steps": n_steps}, "dev": dev}
    Run(TASK, loss, rate, seed, folder).path.write_text(json.dumps(result))


def missing(task: Task, rated: Task, folder: Path) -> list[tuple[str, float, int]]:
    return [(run.loss, run.rate, run.seed) for run in bench_cosent._missing(task, rated, folder)]


def test_every_rate_runs_with_the_first_seed_then_the_best_with_the_others(tmp_path: Path) -> None:
    every = [(loss, rate, SEEDS[0]) for rate in TASK.rates for loss in TASK.losses]
    assert missing(TASK, TASK, tmp_path) == every
    for loss, rate, seed in every:
        leave(tmp_path, loss, rate, seed, dev=rate if loss == "mse" else -rate)
    assert best_rates(TASK, tmp_path) == {"cosent": 0.1, "mse": 0.2}
    assert missing(TASK, TASK, tmp_path) == [
        (loss, rate, seed) for seed in SEEDS[1:] for loss, rate in (("cosent", 0.1), ("mse", 0.2))
    ]


def test_a_task_tuned_on_another_takes_its_rates(tmp_path: Path) -> None:
    leave(tmp_path, "cosent", 0.2, SEEDS[0], dev=0.5)
    other = replace(TASK, name="other")
    assert missing(other, TASK, tmp_path) == [("cosent", 0.2, seed) for seed in SEEDS]


def test_a_run_of_another_length_does_not_count(tmp_path: Path) -> None:
    leave(tmp_path, "cosent", 0.2, SEEDS[0], dev=0.5, n_steps=TASK.n_steps + 1)
    assert best_rates(TASK, tmp_path) == {}


def test_differences_are_taken_on_the_same_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_cosent, "N_RESAMPLES", 200)
    rng = np.random.default_rng(0)
    labels = rng.normal(size=120).tolist()
    seeds = [(labels + rng.normal(size=120)).tolist() for _ in SEEDS]
    answer = compare({"cosent": seeds, "same": seeds, "noise": [rng.normal(size=120).tolist()]}, labels)
    mean = np.mean([spearman(seed, labels) for seed in seeds])
    assert answer["cosent"]["spearman"] == pytest.approx(mean, abs=1e-4)
    low, high = answer["cosent"]["interval"]
    assert low < mean < high
    assert answer["same"]["cosent better by"] == [0, 0, 0]  # paired: no noise of the draw is left
    assert answer["noise"]["cosent better by"][1] > 0
