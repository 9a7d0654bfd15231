"""Losses on labelled pairs of vectors, for bi-encoders: cosine MSE, softmax and AnglE.

They take torch tensors and have gradients. Each equals a loss of sentence-transformers:

- :func:`mse_loss_tensor`: ``CosineSimilarityLoss``, the regression objective of Sentence-BERT;
- :func:`softmax_loss_tensor`: ``SoftmaxLoss``, its classification objective;
- :func:`angle_loss_tensor`: ``AnglELoss``, the angle term of AnglE.

Labels are numbers of any range; :class:`LabelRange` converts them to the targets and classes of the first two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rerank.errors import ShapeError
from rerank.training.cosent import cosent_loss_tensor

if TYPE_CHECKING:
    from torch import Tensor

ANGLE_SCALE = 20.0  # sentence-transformers' default; the paper divides by a temperature instead


@dataclass(frozen=True, slots=True)
class LabelRange:
    """The lowest and the highest label of the data.

    Raises
    ------
    ShapeError
        If they are equal or not finite.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ShapeError(f"Labels must be finite and differ, got a range from {self.low} to {self.high}.")

    @classmethod
    def of(cls, labels: Iterable[float]) -> LabelRange:
        """The range of a non-empty collection of labels.

        >>> LabelRange.of([3.5, 1.0, 5.0])
        LabelRange(low=1.0, high=5.0)
        """
        values = list(labels)
        return cls(min(values), max(values))

    @property
    def n_classes(self) -> int:
        """Number of whole numbers from the lowest to the highest label, both rounded."""
        return _rounded(self.high) - _rounded(self.low) + 1

    def shares(self, labels: Iterable[float]) -> list[float]:
        """Labels scaled to 0…1.

        >>> LabelRange(1, 5).shares([1, 2, 5])
        [0.0, 0.25, 1.0]
        """
        return [(label - self.low) / (self.high - self.low) for label in labels]

    def classes(self, labels: Iterable[float]) -> list[int]:
        """Labels rounded to whole numbers (halves upwards), counted from the lowest.

        >>> LabelRange(1, 5).classes([1.0, 1.4, 1.5, 4.9])
        [0, 0, 1, 4]
        """
        return [_rounded(label) - _rounded(self.low) for label in labels]


def mse_loss_tensor(cosines: Tensor, targets: Tensor) -> Tensor:
    """``mean((cos(u, v) − y)²)``: regression objective of Sentence-BERT (Reimers & Gurevych, EMNLP 2019, section 3).

    Parameters
    ----------
    cosines : shape (n_pairs,)
    targets : shape (n_pairs,)
        Labels scaled to 0…1.
    """
    if cosines.ndim != 1 or cosines.shape != targets.shape:
        raise ShapeError(f"Expected one target per cosine, got {tuple(cosines.shape)} and {tuple(targets.shape)}.")
    return (cosines.float() - targets.float()).square().mean()


def softmax_loss_tensor(left: Tensor, right: Tensor, classes: Tensor, *, classifier: Any) -> Tensor:
    """Cross-entropy of ``softmax(W [u; v; |u − v|] + b)`` with classes (Reimers & Gurevych, EMNLP 2019, section 3).

    The classifier is discarded after training. Texts are then compared by cosine, which this loss does not train.

    Parameters
    ----------
    left, right : shape (n_pairs, dim)
        Embeddings u and v, not normalised.
    classes : int64, shape (n_pairs,)
    classifier : torch.nn.Linear
        From 3 · dim to the number of classes.
    """
    import torch
    from torch.nn import functional

    _check_pairs(left, right)
    u, v = left.float(), right.float()
    features = torch.cat((u, v, (u - v).abs()), dim=1)  # (n_pairs, 3 · dim)
    loss: Tensor = functional.cross_entropy(classifier(features), classes)
    return loss


def angle_scores_tensor(left: Tensor, right: Tensor) -> Tensor:
    """Similarity by the angle between complex vectors, shape (n_pairs,).

    Each embedding is taken as a complex vector: its first half holds the real parts, its second half the imaginary
    parts. The score is the absolute value of the sum of the real and imaginary part of their normalised quotient, as in
    the authors' code (Li & Li, ACL 2024, arXiv:2309.12871, section 3.3). For unit vectors this is
    ``|cos(u, v) + Σ (Im u · Re v − Re u · Im v)|``. An odd dimension is padded with a zero.
    """
    import torch
    from torch.nn import functional

    _check_pairs(left, right)
    u, v = functional.normalize(left.float(), dim=1), functional.normalize(right.float(), dim=1)
    if u.shape[1] % 2:
        u, v = functional.pad(u, (0, 1)), functional.pad(v, (0, 1))
    (u_real, u_imaginary), (v_real, v_imaginary) = u.chunk(2, dim=1), v.chunk(2, dim=1)  # (n_pairs, dim / 2) each
    real = (u_real * v_real + u_imaginary * v_imaginary).sum(dim=1)  # (n_pairs,)
    imaginary = (u_imaginary * v_real - u_real * v_imaginary).sum(dim=1)
    return torch.abs(real + imaginary)


def angle_loss_tensor(left: Tensor, right: Tensor, labels: Tensor, *, scale: float = ANGLE_SCALE) -> Tensor:
    """CoSENT's loss on :func:`angle_scores_tensor`: the angle term of AnglE alone, as in AnglELoss.

    The authors add CoSENT on cosines and in-batch negatives to it.
    """
    return cosent_loss_tensor(angle_scores_tensor(left, right), labels, scale=scale)


def _check_pairs(left: Tensor, right: Tensor) -> None:
    if left.ndim != 2 or left.shape != right.shape:
        raise ShapeError(f"Expected two arrays (n_pairs, dim), got {tuple(left.shape)} and {tuple(right.shape)}.")


def _rounded(label: float) -> int:
    return math.floor(label + 0.5)
