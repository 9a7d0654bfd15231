"""How well a model in training orders graded lists, measured before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from rerank.evaluation import ndcg, reciprocal_rank, spearman
from rerank.training.cosent import mixes_labels
from rerank.training.trainable_models import TrainableModel
from rerank.training.training_data import GradedList

EVALUATION_LISTS = 16  # lists in one forward pass without gradients


def evaluate_lists(trainee: TrainableModel, lists: Sequence[GradedList], *, half: bool = False) -> dict[str, float]:
    """Means over graded lists: order accuracy, nDCG@10, reciprocal rank of the best label, and Spearman over all pairs.

    Order accuracy is the share of comparable pairs of one list that stand in the right order (ties count half).
    """
    scores = _all_scores(trainee, lists, half=half)
    labels = [np.array(item.labels) for item in lists]
    orders, gains, ranks = [], [], []
    for values, wanted in zip(scores, labels, strict=True):
        if len(values) < 2 or not mixes_labels(wanted):
            continue
        higher = wanted[:, None] > wanted[None, :]
        right = np.sign(values[:, None] - values[None, :])[higher]
        orders.append(float(np.mean((right + 1) / 2)))
        ranking = [str(row) for row in np.argsort(-values, kind="stable")]
        gain = wanted - wanted.min()
        gains.append(ndcg(ranking, {str(row): value for row, value in enumerate(gain)}, k=10))
        best = {str(row): int(value == wanted.max()) for row, value in enumerate(wanted)}
        ranks.append(reciprocal_rank(ranking, best))
    together = {"spearman": spearman(np.concatenate(scores), np.concatenate(labels))} if lists else {}
    means = {"order_accuracy": orders, "ndcg@10": gains, "rr": ranks}
    return together | {name: float(np.mean(values)) for name, values in means.items() if values}


def _all_scores(trainee: TrainableModel, lists: Sequence[GradedList], *, half: bool) -> list[Any]:
    trainee.module.eval()
    found: list[Any] = []
    device = torch.device(trainee.module.device).type
    with torch.inference_mode(), torch.autocast(device, dtype=torch.bfloat16, enabled=half):
        for start in range(0, len(lists), EVALUATION_LISTS):
            part = lists[start : start + EVALUATION_LISTS]
            scores = trainee.scores(part).float().cpu().numpy()
            cuts = np.cumsum([len(item.texts) for item in part])[:-1]
            found.extend(np.split(scores, cuts))
    return found
