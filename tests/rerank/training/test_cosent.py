from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rerank.arrays import Float64s, Ints
from rerank.errors import ShapeError
from rerank.training.cosent import (
    cosent_loss,
    cosent_loss_tensor,
    cosent_rows_loss_tensor,
    cosine_scores,
    cross_entropy_loss,
    cross_entropy_loss_tensor,
    mixes_labels,
    smooth_recall_loss,
    smooth_recall_loss_tensor,
    smooth_top_k,
)


def triple_loop(scores: Float64s, labels: Ints, scale: float) -> float:
    """The formula as it is written: over all pairs of pairs."""
    total = 1.0
    for i, j in itertools.product(range(len(scores)), repeat=2):
        if labels[i] > labels[j]:
            total += math.exp(scale * (scores[j] - scores[i]))
    return math.log(total)


@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_it_equals_the_written_formula(scale: float) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        scores, labels = rng.uniform(-1, 1, 12), rng.integers(0, 4, 12)
        expected = triple_loop(scores, labels, scale)
        assert cosent_loss(scores, labels, scale=scale) == pytest.approx(expected, abs=1e-6)
        tensor = cosent_loss_tensor(torch.tensor(scores), torch.tensor(labels), scale=scale)
        assert float(tensor) == pytest.approx(expected, abs=1e-6)


def test_it_equals_the_loss_of_sentence_transformers() -> None:
    from sentence_transformers.sentence_transformer.losses import CoSENTLoss

    rng = np.random.default_rng(2)
    a, b = torch.tensor(rng.normal(size=(2, 16, 8)))
    labels = torch.tensor(rng.integers(0, 5, 16).astype(float))
    theirs = CoSENTLoss(model=None, scale=20.0).compute_loss_from_embeddings([a, b], labels)
    assert cosent_loss(cosine_scores(a, b), labels) == pytest.approx(float(theirs), abs=1e-6)


@given(hnp.arrays(float, 9, elements=st.floats(-3, 3)), hnp.arrays(int, 9, elements=st.integers(0, 3)))
def test_only_the_order_of_labels_counts(scores: Float64s, labels: Ints) -> None:
    relabelled = np.array([-7.0, 0.25, 3.0, 100.0])[labels]
    assert cosent_loss(scores, labels) == pytest.approx(cosent_loss(scores, relabelled), rel=1e-12)


def test_a_batch_with_one_label_has_no_loss_and_a_zero_gradient() -> None:
    scores = torch.tensor([0.3, 0.9], requires_grad=True)
    loss = cosent_loss_tensor(scores, torch.ones(2))
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert scores.grad.tolist() == [0.0, 0.0]
    assert not mixes_labels([3, 3, 3])


def test_its_gradient_is_that_of_the_formula() -> None:
    rng = np.random.default_rng(3)
    scores, labels = rng.uniform(-1, 1, 7), np.array([0, 2, 1, 1, 0, 2, 2])
    tensor = torch.tensor(scores, requires_grad=True)
    cosent_loss_tensor(tensor, torch.tensor(labels), scale=5.0).backward()
    step = 1e-6
    for at in range(7):
        moved = scores.copy()
        moved[at] += step
        slope = (triple_loop(moved, labels, 5.0) - triple_loop(scores, labels, 5.0)) / step
        assert float(tensor.grad[at]) == pytest.approx(slope, abs=1e-4)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_neither_overflows_nor_differs(dtype: torch.dtype) -> None:
    scores = torch.tensor([60.0, -60.0, 0.5, 0.25], dtype=dtype, requires_grad=True)
    labels = torch.tensor([0, 1, 2, 3])
    loss = cosent_loss_tensor(scores, labels, scale=20.0)
    loss.backward()
    assert torch.isfinite(scores.grad).all()
    assert float(loss.detach()) == pytest.approx(cosent_loss(scores.detach().float(), labels, scale=20.0), rel=1e-5)


def test_scores_and_labels_of_different_lengths_are_refused() -> None:
    with pytest.raises(ShapeError, match="one score per label"):
        cosent_loss([1.0, 2.0], [1])
    with pytest.raises(ShapeError, match="one score per label"):
        cosent_loss_tensor(torch.ones(2), torch.ones(3))


def test_cross_entropy_equals_torch() -> None:
    rng = np.random.default_rng(4)
    logits, targets = rng.normal(0, 9, 30), rng.uniform(0, 1, 30)
    theirs = torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(logits), torch.tensor(targets))
    assert cross_entropy_loss(logits, targets) == pytest.approx(float(theirs), abs=1e-9)
    ours = cross_entropy_loss_tensor(torch.tensor(logits), torch.tensor(targets))
    assert float(ours) == pytest.approx(float(theirs), abs=1e-6)
    with pytest.raises(ShapeError, match="between 0 and 1"):
        cross_entropy_loss([0.0], [2.0])


@given(hnp.arrays(float, st.integers(2, 30), elements=st.floats(-500, 500)), st.data())
def test_smooth_top_k_sums_to_k_and_keeps_the_order(scores: Float64s, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(scores) - 1))
    membership = smooth_top_k(scores, k=k)
    assert membership.sum() == pytest.approx(k, abs=1e-6)
    assert ((membership >= 0) & (membership <= 1)).all()
    order = np.argsort(scores, kind="stable")
    assert (np.diff(membership[order]) >= -1e-12).all()


def test_smooth_top_k_becomes_the_top_k_when_scores_are_far_apart() -> None:
    assert smooth_top_k(np.array([1.0, 5.0, 3.0, 4.0]) * 1e4, k=2).round(6).tolist() == [0.0, 1.0, 0.0, 1.0]
    with pytest.raises(ShapeError, match="more than k"):
        smooth_top_k([1.0, 2.0], k=2)


def test_the_smooth_recall_loss_has_the_gradient_of_its_value() -> None:
    rng = np.random.default_rng(5)
    scores, relevant = rng.normal(size=9), np.array([1, 0, 0, 1, 0, 0, 1, 0, 0])
    tensor = torch.tensor(scores, requires_grad=True)
    loss = smooth_recall_loss_tensor(tensor, torch.tensor(relevant), k=3)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(smooth_recall_loss(scores, relevant, k=3), abs=1e-6)
    step = 1e-6
    for at in range(9):
        up, down = scores.copy(), scores.copy()
        up[at] += step
        down[at] -= step
        slope = (smooth_recall_loss(up, relevant, k=3) - smooth_recall_loss(down, relevant, k=3)) / (2 * step)
        assert float(tensor.grad[at]) == pytest.approx(slope, abs=1e-5)


def test_rows_are_compared_within_themselves_and_averaged() -> None:
    rng = np.random.default_rng(3)
    scores, labels = rng.normal(size=(4, 6)), rng.integers(0, 3, size=(4, 6)).astype(float)
    used = rng.random((4, 6)) < 0.8
    labels[3] = 1.0  # no order: this row does not count
    expected = np.mean([cosent_loss(scores[row][used[row]], labels[row][used[row]], scale=5.0) for row in range(3)])
    tensors = torch.tensor(scores, requires_grad=True), torch.tensor(labels), torch.tensor(used)
    value = cosent_rows_loss_tensor(*tensors, scale=5.0)
    assert float(value.detach()) == pytest.approx(expected, abs=1e-5)
    value.backward()
    gradient = tensors[0].grad
    assert gradient is not None
    assert torch.isfinite(gradient).all()
    assert gradient[3].abs().sum() == 0


def test_rows_of_other_shapes_are_refused() -> None:
    with pytest.raises(ShapeError, match="equal shapes"):
        cosent_rows_loss_tensor(torch.zeros(2, 3), torch.zeros(2, 2), torch.zeros(2, 3, dtype=torch.bool))
