"""Evaluation of a model on graded lists, before and after training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from rerank.evaluation import ndcg, reciprocal_rank, spearman
from rerank.training.cosent import mixes_labels
from rerank.training.trainable_models import TrainableModel
from rerank.training.training_data import GradedList

EVALUATION_LISTS = 16  # lists in one forward pass


def evaluate_lists(model: TrainableModel, lists: Sequence[GradedList], *, half: bool = False) -> dict[str, float]:
    """Measures on graded lists: means of order accuracy, nDCG@10 and reciprocal rank, and Spearman over all texts.

    Order accuracy is the share of pairs of one list with different labels that the scores put in the right order; ties
    count half. The reciprocal rank is that of the first text with the highest label. Lists whose labels are all equal
    count for Spearman only.

    Parameters
    ----------
    half
        Run the model in mixed precision.
    """
    all_scores = _all_scores(model, lists, half=half)
    all_labels = [np.array(item.labels) for item in lists]
    values: dict[str, list[float]] = {"order_accuracy": [], "ndcg@10": [], "rr": []}
    for scores, labels in zip(all_scores, all_labels, strict=True):
        if len(scores) < 2 or not mixes_labels(labels):
            continue
        is_higher = labels[:, None] > labels[None, :]
        signs = np.sign(scores[:, None] - scores[None, :])[is_higher]
        values["order_accuracy"].append(float(np.mean((signs + 1) / 2)))
        ranking = [str(row) for row in np.argsort(-scores, kind="stable")]
        gains = labels - labels.min()
        values["ndcg@10"].append(ndcg(ranking, {str(row): gain for row, gain in enumerate(gains)}, k=10))
        best = {str(row): int(label == labels.max()) for row, label in enumerate(labels)}
        values["rr"].append(reciprocal_rank(ranking, best))
    over_all = {"spearman": spearman(np.concatenate(all_scores), np.concatenate(all_labels))} if lists else {}
    return over_all | {name: float(np.mean(means)) for name, means in values.items() if means}


def _all_scores(model: TrainableModel, lists: Sequence[GradedList], *, half: bool) -> list[Any]:
    """Scores of each list's texts; switches the model to evaluation mode."""
    model.module.eval()
    all_scores: list[Any] = []
    device = torch.device(model.module.device).type
    with torch.inference_mode(), torch.autocast(device, dtype=torch.bfloat16, enabled=half):
        for start in range(0, len(lists), EVALUATION_LISTS):
            batch = lists[start : start + EVALUATION_LISTS]
            scores = model.scores(batch).float().cpu().numpy()
            ends = np.cumsum([len(item.texts) for item in batch])[:-1]
            all_scores.extend(np.split(scores, ends))
    return all_scores
