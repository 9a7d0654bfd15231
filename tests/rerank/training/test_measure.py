from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from rerank.training.measure import evaluate_lists
from rerank.training.training_data import GradedList


class FixedScores:
    """A model that returns given scores."""

    class _Module:
        device = "cpu"

        @staticmethod
        def eval() -> None:
            return None

    module: Any = _Module

    def __init__(self, scores: list[float]) -> None:
        self._scores = iter(scores)

    def scores(self, lists: Sequence[GradedList]) -> torch.Tensor:
        return torch.tensor([next(self._scores) for item in lists for _ in item.texts])


def test_measures_of_lists_follow_their_definitions() -> None:
    lists = [GradedList("q", ("a", "b", "c"), (2.0, 1.0, 0.0)), GradedList("r", ("a", "b"), (0.0, 1.0))]
    measured = evaluate_lists(FixedScores([3.0, 1.0, 2.0, 0.5, 0.5]), lists)
    assert measured["order_accuracy"] == pytest.approx((2 / 3 + 0.5) / 2)
    assert measured["rr"] == pytest.approx((1 + 0.5) / 2)
    assert measured["ndcg@10"] == pytest.approx(((2 + 1 / 2) / (2 + 1 / np.log2(3)) + 1 / np.log2(3)) / 2)
    assert -1 <= measured["spearman"] <= 1


def test_lists_with_one_label_are_left_out_of_the_means() -> None:
    lists = [GradedList("q", ("a", "b"), (1.0, 1.0)), GradedList("r", ("a", "b"), (1.0, 0.0))]
    measured = evaluate_lists(FixedScores([0.0, 1.0, 2.0, 1.0]), lists)
    assert measured["order_accuracy"] == 1.0
    assert evaluate_lists(FixedScores([]), []) == {}
