from __future__ import annotations

import math

import pytest
import torch

from rerank.errors import ShapeError
from rerank.teaching.losses import GRADE, fitted_scale, graded_loss_tensor, listwise_loss_tensor
from rerank.training.cosent import cosent_loss

EVERY = torch.ones(1, 3, dtype=torch.bool)


def test_the_listwise_loss_is_the_divergence_of_both_distributions() -> None:
    cosines, similarities = torch.tensor([[0.1, 0.3, 0.2]]), torch.tensor([[2.0, 0.0, 1.0]])
    ours = [math.exp(20 * value) for value in cosines[0].tolist()]
    theirs = [math.exp(1.5 * value) for value in similarities[0].tolist()]
    p, q = ([value / sum(row) for value in row] for row in (theirs, ours))
    expected = sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
    assert float(listwise_loss_tensor(cosines, similarities, EVERY)) == pytest.approx(expected, rel=1e-5)
    assert float(listwise_loss_tensor(similarities * 1.5 / 20, similarities, EVERY)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("true_scale", [3.0, 12.0, 80.0])
def test_the_fitted_scale_is_that_of_the_student(true_scale: float) -> None:
    similarities = torch.randn(8, 40, generator=torch.Generator().manual_seed(0))
    used = torch.ones_like(similarities, dtype=torch.bool)
    noise = torch.randn(similarities.shape, generator=torch.Generator().manual_seed(1))
    cosines = similarities * 1.5 / true_scale
    assert fitted_scale(cosines, similarities, used) == pytest.approx(true_scale, rel=0.06)
    noisy = cosines + noise / true_scale
    assert fitted_scale(noisy, similarities, used) < true_scale


def test_masked_columns_do_not_count_and_have_no_gradient() -> None:
    cosines = torch.tensor([[0.1, 0.3, 0.9]], requires_grad=True)
    similarities = torch.tensor([[2.0, 0.0, -5.0]])
    used = torch.tensor([[True, True, False]])
    for loss in (listwise_loss_tensor, graded_loss_tensor):
        few = loss(cosines[:, :2], similarities[:, :2], EVERY[:, :2])
        masked = loss(cosines, similarities, used)
        assert float(masked.detach()) == pytest.approx(float(few.detach()), rel=1e-5)
        (gradient,) = torch.autograd.grad(masked, cosines)
        assert torch.isfinite(gradient).all()
        assert gradient[0, 2] == 0


def test_the_graded_loss_is_cosent_on_the_teachers_grades() -> None:
    cosines, similarities = torch.tensor([[0.1, 0.3, 0.2]]), torch.tensor([[2.0, 0.0, 1.0]])
    expected = cosent_loss([0.1, 0.3, 0.2], [2, 0, 1])
    assert float(graded_loss_tensor(cosines, similarities, EVERY)) == pytest.approx(expected, rel=1e-5)


def test_the_order_of_nearly_equal_similarities_does_not_count() -> None:
    near = torch.tensor([[2.0, 2.0 + GRADE / 4, 0.0]])
    first = graded_loss_tensor(torch.tensor([[0.5, 0.4, 0.0]]), near, EVERY)
    second = graded_loss_tensor(torch.tensor([[0.4, 0.5, 0.0]]), near, EVERY)
    assert float(first) == pytest.approx(float(second))


def test_both_losses_fall_when_the_student_takes_the_teachers_order() -> None:
    similarities = torch.tensor([[2.0, 0.0, 1.0]])
    for loss in (listwise_loss_tensor, graded_loss_tensor):
        wrong = loss(torch.tensor([[0.0, 0.3, 0.2]]), similarities, EVERY)
        right = loss(torch.tensor([[0.3, 0.0, 0.2]]), similarities, EVERY)
        assert float(right) < float(wrong)


def test_shapes_must_agree() -> None:
    for loss in (listwise_loss_tensor, graded_loss_tensor):
        with pytest.raises(ShapeError, match="one shape"):
            loss(torch.zeros(1, 3), torch.zeros(1, 4), EVERY)
