from __future__ import annotations

import numpy as np
import pytest

from rerank.budget.selection import kmeans
from rerank.errors import ShapeError


def test_kmeans_takes_one_item_of_each_cluster() -> None:
    rng = np.random.default_rng(3)
    centres = np.eye(5) * 10
    vectors = np.repeat(centres, 20, axis=0) + rng.normal(0, 0.1, size=(100, 5))
    chosen = kmeans(vectors, n_anchors=5, rng=rng)
    assert sorted(chosen // 20) == [0, 1, 2, 3, 4]


def test_kmeans_answers_distinct_items_even_if_all_are_equal() -> None:
    chosen = kmeans(np.ones((8, 3)), n_anchors=4, rng=np.random.default_rng(4))
    assert len(set(chosen.tolist())) == 4


def test_more_anchors_than_items_are_refused() -> None:
    with pytest.raises(ShapeError, match="Between 1 and 3"):
        kmeans(np.eye(3), n_anchors=4, rng=np.random.default_rng(0))
