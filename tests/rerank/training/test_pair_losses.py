from __future__ import annotations

import numpy as np
import pytest
import torch

from rerank.errors import ShapeError
from rerank.training.cosent import cosent_loss
from rerank.training.pair_losses import (
    LabelRange,
    angle_loss_tensor,
    angle_scores_tensor,
    mse_loss_tensor,
    softmax_loss_tensor,
)

LABELS = [0.0, 1.2, 2.5, 3.8, 5.0, 5.0, 0.4]


def pairs(dim: int = 8, n: int = len(LABELS)) -> tuple[torch.Tensor, torch.Tensor]:
    sample = torch.from_numpy(np.random.default_rng(dim).normal(size=(2, n, dim)).astype(np.float32))
    return sample[0].requires_grad_(), sample[1].requires_grad_()


def gradients(loss: torch.Tensor, *leaves: torch.Tensor) -> list[list[float]]:
    return [part.flatten().tolist() for part in torch.autograd.grad(loss, leaves)]


def assert_same(ours: torch.Tensor, theirs: torch.Tensor, *leaves: torch.Tensor) -> None:
    assert float(ours.detach()) == pytest.approx(float(theirs.detach()), abs=1e-5)
    for our_gradient, their_gradient in zip(gradients(ours, *leaves), gradients(theirs, *leaves), strict=True):
        assert our_gradient == pytest.approx(their_gradient, abs=1e-5)


class _Embedded(torch.nn.Module):  # type: ignore[misc] # torch is not followed
    """A model for the losses of sentence-transformers that returns given embeddings."""

    device = torch.device("cpu")

    def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"sentence_embedding": features["embedding"]}


def test_mse_is_that_of_sentence_transformers() -> None:
    from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss

    left, right = pairs()
    targets = torch.tensor(LabelRange(0, 5).shares(LABELS))
    theirs = CosineSimilarityLoss(_Embedded()).compute_loss_from_embeddings([left, right], targets)
    assert_same(mse_loss_tensor(torch.cosine_similarity(left, right), targets), theirs, left, right)


def test_softmax_is_that_of_sentence_transformers() -> None:
    from sentence_transformers.sentence_transformer.losses import SoftmaxLoss

    left, right = pairs()
    classes = torch.tensor(LabelRange(0, 5).classes(LABELS))
    theirs = SoftmaxLoss(_Embedded(), 8, num_labels=6)
    ours = softmax_loss_tensor(left, right, classes, classifier=theirs.classifier)
    assert_same(ours, theirs([{"embedding": left}, {"embedding": right}], classes), left, right)


@pytest.mark.parametrize("dim", [8, 7])
def test_angle_is_that_of_sentence_transformers(dim: int) -> None:
    from sentence_transformers.sentence_transformer.losses import AnglELoss

    left, right = pairs(dim)
    labels = torch.tensor(LABELS)
    theirs = AnglELoss(_Embedded()).compute_loss_from_embeddings([left, right], labels)
    assert_same(angle_loss_tensor(left, right, labels), theirs, left, right)


def test_angle_is_the_quotient_of_complex_vectors() -> None:
    left, right = pairs()
    u, v = (part.detach().double().numpy() for part in (left, right))
    z, w = (part[:, :4] + 1j * part[:, 4:] for part in (u, v))
    quotient = (z * w.conj()).sum(axis=1) / (np.linalg.norm(z, axis=1) * np.linalg.norm(w, axis=1))
    expected = np.abs(quotient.real + quotient.imag)
    assert angle_scores_tensor(left, right).tolist() == pytest.approx(expected.tolist(), abs=1e-6)
    loss = float(angle_loss_tensor(left, right, torch.tensor(LABELS)).detach())
    assert loss == pytest.approx(cosent_loss(expected, LABELS), abs=1e-4)


def test_half_precision_is_computed_in_single() -> None:
    left, right = (part.detach().to(torch.bfloat16) for part in pairs())
    assert angle_scores_tensor(left, right).dtype == torch.float32
    assert mse_loss_tensor(left[:, 0], right[:, 0]).dtype == torch.float32


@pytest.mark.parametrize("low_high", [(1.0, 1.0), (2.0, 1.0), (0.0, float("nan")), (0.0, float("inf"))], ids=str)
def test_a_range_without_width_is_refused(low_high: tuple[float, float]) -> None:
    with pytest.raises(ShapeError, match="must be finite and differ"):
        LabelRange(*low_high)


def test_every_whole_number_of_the_range_is_a_class() -> None:
    assert LabelRange(0.0, 5.0).n_classes == 6
    assert LabelRange(1.0, 4.9).n_classes == 5
    assert LabelRange(-1.0, 1.0).classes([-1.0, -0.5, 0.49, 0.5, 1.0]) == [0, 1, 1, 2, 2]


def test_arrays_that_do_not_fit_are_refused() -> None:
    left, right = pairs()
    with pytest.raises(ShapeError):
        angle_scores_tensor(left, right[:2])
    with pytest.raises(ShapeError):
        softmax_loss_tensor(left[0], right[0], torch.tensor([0]), classifier=None)
    with pytest.raises(ShapeError):
        mse_loss_tensor(left[:, 0], right[:2, 0])
