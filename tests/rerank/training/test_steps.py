from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from rerank.stopping import never_stop
from rerank.training.steps import MAX_GRADIENT_NORM, SteppedRun, StepPlan, is_bf16_faster


class Model:
    """A number that is to become 3."""

    def __init__(self) -> None:
        self.module = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.zeros_(self.module.weight)

    def scores(self, lists: Any) -> Any:
        return self.module(lists)


class Run(SteppedRun[float]):
    def batches(self, start: int) -> Iterator[float]:
        while True:
            yield 1.0

    def loss(self, batch: float) -> Any:
        return (self.model.module.weight.sum() - 3 * batch) ** 2

    def size_of(self, batch: float) -> int:
        return 5

    def after_step(self) -> None:
        self.curve.append({"step": self.step})


def test_a_run_minimises_its_loss_and_counts(tmp_path: Path) -> None:
    run = Run(StepPlan(n_steps=80, lr=0.2, weight_decay=0), Model(), work=tmp_path, device="cpu", data_hash="x")
    run.prepare()
    seen: list[dict[str, float]] = []
    assert run.loop(stop=never_stop, progress=seen.append)
    assert abs(float(run.model.module.weight.detach()) - 3) < 0.2
    assert run.n_pairs == seen[-1]["pairs"] == 400
    assert [point["step"] for point in run.curve] == list(range(1, 81))
    assert seen[0]["rate"] < seen[10]["rate"] > seen[-1]["rate"]
    assert MAX_GRADIENT_NORM > 0


def test_bf16_is_not_used_on_devices_that_are_not_known() -> None:
    assert not is_bf16_faster("mps")
