"""Optimisers and learning-rate schedules."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch

from rerank.errors import ShapeError

SCHEDULES = ("constant", "cosine", "inverse-time")
OPTIMIZERS = ("adamw", "tiger")
LORA_PLUS_RATIO = 16.0  # learning rate of B over that of A (Hayou et al. 2024, arXiv:2402.12354)
INVERSE_TIME_DECAY = 9.0  # the rate falls to a tenth at the end


class Tiger(torch.optim.Optimizer):  # type: ignore[misc]  # torch is not followed
    """Sign momentum with one state per parameter (Su Jianlin 2023, "Tiger: an optimiser thrifty to the extreme").

    ``m ← β m + (1 − β) g``, ``θ ← θ − α (sign(m) + λ θ)``. The learning rate of a matrix is relative to the root mean
    square of its entries, so that one value suits all layers. Vectors (biases, gains) take half the learning rate as it
    is, and no weight decay. So does a matrix that starts at zero (LoRA's B), except for the decay: relative to its
    entries, its steps would stay near zero.
    """

    def __init__(
        self, params: Iterable[Any], *, lr: float = 1e-3, beta: float = 0.965, weight_decay: float = 0.01
    ) -> None:
        if lr <= 0 or not 0 <= beta < 1:
            raise ShapeError(f"Tiger needs lr > 0 and 0 ≤ beta < 1, got {lr} and {beta}.")
        super().__init__(params, {"lr": lr, "beta": beta, "weight_decay": weight_decay})

    @torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not followed
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update; parameters without a gradient do not change."""
        loss = None if closure is None else torch.enable_grad()(closure)()
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    self._update(param, group)
        return loss

    def _update(self, param: Any, group: dict[str, Any]) -> None:
        state = self.state[param]
        if not state:
            state["momentum"] = torch.zeros_like(param)
            state["has_scale"] = param.ndim > 1 and bool(param.any())
        momentum = state["momentum"]
        momentum.mul_(group["beta"]).add_(param.grad, alpha=1 - group["beta"])
        scale = float(param.pow(2).mean().sqrt()) if state["has_scale"] else 0.5
        rate = group["lr"] * scale
        if param.ndim > 1:
            param.mul_(1 - rate * group["weight_decay"])
        param.add_(momentum.sign(), alpha=-rate)


def rate_factor(step: int, *, n_steps: int, n_warmup: int, schedule: str) -> float:
    """Factor on the learning rate at a step, counted from 0: linear warm-up, then the schedule.

    With `t` the share of the steps after the warm-up, ``cosine`` is ``(1 + cos π t) / 2`` and ``inverse-time`` is
    ``1 / (1 + 9 t)``.

    >>> [round(rate_factor(s, n_steps=10, n_warmup=2, schedule="cosine"), 3) for s in (0, 1, 2, 6, 10)]
    [0.5, 1.0, 1.0, 0.5, 0.0]
    >>> round(rate_factor(10, n_steps=10, n_warmup=0, schedule="inverse-time"), 3)
    0.1
    """
    if schedule not in SCHEDULES:
        raise ShapeError(f"Unknown schedule {schedule!r}; known are {', '.join(SCHEDULES)}.")
    if step < n_warmup:
        return (step + 1) / n_warmup
    share = min(1.0, (step - n_warmup) / max(1, n_steps - n_warmup))
    if schedule == "cosine":
        return (1 + math.cos(math.pi * share)) / 2
    return 1.0 if schedule == "constant" else 1 / (1 + INVERSE_TIME_DECAY * share)


def make_optimizer(
    model: torch.nn.Module, *, name: str, lr: float, weight_decay: float = 0.01, lora_plus_ratio: float = 1.0
) -> torch.optim.Optimizer:
    """Optimiser of the parameters that require gradients; vectors have no weight decay.

    Parameters
    ----------
    lora_plus_ratio
        Factor on the learning rate of LoRA's B matrices.

    Raises
    ------
    ShapeError
        For a name that is not in :data:`OPTIMIZERS`.
    """
    groups = _groups(model, lr=lr, weight_decay=weight_decay, lora_plus_ratio=lora_plus_ratio)
    if name == "tiger":
        return Tiger(groups, lr=lr, weight_decay=weight_decay)
    if name == "adamw":
        return torch.optim.AdamW(groups, lr=lr, weight_decay=weight_decay)
    raise ShapeError(f"Unknown optimiser {name!r}; known are {', '.join(OPTIMIZERS)}.")


def _groups(model: torch.nn.Module, *, lr: float, weight_decay: float, lora_plus_ratio: float) -> list[dict[str, Any]]:
    trained = [(name, param) for name, param in model.named_parameters() if param.requires_grad]
    lora_b = [param for name, param in trained if "lora_B" in name]
    others = [param for name, param in trained if "lora_B" not in name]
    groups = [
        {"params": [param for param in others if param.ndim > 1], "lr": lr, "weight_decay": weight_decay},
        {"params": [param for param in others if param.ndim <= 1], "lr": lr, "weight_decay": 0.0},
        {"params": lora_b, "lr": lr * lora_plus_ratio, "weight_decay": weight_decay},
    ]
    return [group for group in groups if group["params"]]
