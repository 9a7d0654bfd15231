"""Lists of texts on four topics, plans of short runs and the weights that they wrote, for tests of training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from rerank.training.runs import Plan
from rerank.training.training_data import GradedList

TOPICS = ("graph networks", "prime numbers", "speech translation", "quantum field")


def topic_lists(n: int = 48) -> list[GradedList]:
    """Lists that rank a text of the query's topic above others, which is learnable from words alone."""
    rng = np.random.default_rng(0)
    return [
        GradedList(
            TOPICS[row % 4],
            tuple(f"{TOPICS[(row + shift) % 4]} {rng.choice(['theory', 'deep', 'model'])}" for shift in range(3)),
            (2.0, 1.0, 0.0),
        )
        for row in range(n)
    ]


def as_pairs(lists: list[GradedList]) -> list[GradedList]:
    return [
        GradedList(item.query, (text,), (label,))
        for item in lists
        for text, label in zip(item.texts, item.labels, strict=True)
    ]


def plan_for(folder: Path, **more: Any) -> Plan:
    settings = {"n_steps": 30, "lists_per_batch": 8, "lr": 3e-3, "max_tokens": 24, "precision": "fp32", **more}
    return Plan(model=str(folder), **settings)


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")
