"""What a training step minimises: which scores of a batch are compared, and with which loss.

A batch is some graded lists. By themselves they give one score a text, all compared with each other. Options:

- *in-batch*: every query is also scored against the texts of the other lists, which count as :data:`OTHER`: an encoder
  gets these comparisons for one matrix product. Lists of the same query, and texts a query has itself, are left out.
- *Matryoshka* (Kusupati et al. 2022, arXiv:2205.13147): the mean of the losses of vectors cut to their first so many
  coordinates, so that short vectors can be kept where memory is scarce.
- *by query*: comparisons stay within one query, and the mean over queries is taken. With one text above the others this
  is the in-batch softmax ("multiple negatives", Henderson et al. 2017); with graded labels it keeps their order.

The losses of :data:`PAIR_LOSSES` look at the two embeddings of a pair, so they are for encoders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from rerank.cosent import (
    BI_ENCODER_SCALE,
    CROSS_ENCODER_SCALE,
    cosent_loss_tensor,
    cosent_rows_loss_tensor,
    cross_entropy_loss_tensor,
    smooth_recall_loss_tensor,
)
from rerank.errors import ShapeError
from rerank.pair_losses import LabelRange, angle_loss_tensor, mse_loss_tensor, softmax_loss_tensor
from rerank.recipes import FAR, GradedList
from rerank.trainees import EncoderTrainee, Trainee, all_cosines, own_cosines

SCORE_LOSSES = ("cosent", "cross-entropy", "smooth-top-k")
PAIR_LOSSES = ("mse", "softmax", "angle")
LOSSES = (*SCORE_LOSSES, *PAIR_LOSSES)
COMPARISONS = ("batch", "query")
OTHER = FAR  # label of a text of another list: as far as a random one, which it is
SMOOTH_K = 8  # of a batch of some 50 texts: about its own and best hard ones


@dataclass(frozen=True, slots=True)
class Objective:
    """A loss and what it compares.

    Parameters
    ----------
    labels_within
        Range of all labels, for losses that want shares of it or classes; without it, the range in each batch.
    classifier : torch.nn.Linear
        What ``softmax`` trains beside the model; see :meth:`with_classifier`.

    Raises
    ------
    ShapeError
        If a name is unknown or the options do not go together.
    """

    loss: str = "cosent"
    compare: str = "batch"
    in_batch: bool = False
    dims: tuple[int, ...] = ()  # Matryoshka: lengths of the vectors that are compared; none: the whole ones
    labels_within: LabelRange | None = None
    classifier: Any = None

    def __post_init__(self) -> None:
        if self.loss not in LOSSES or self.compare not in COMPARISONS:
            raise ShapeError(
                f"Loss {self.loss!r} of {', '.join(LOSSES)}; comparisons {self.compare!r} of {', '.join(COMPARISONS)}."
            )
        if (self.in_batch or self.compare == "query") and self.loss != "cosent":
            raise ShapeError(f"In-batch texts and comparisons by query are for the loss cosent, not for {self.loss}.")
        if self.dims and (self.loss != "cosent" or min(self.dims) < 1):
            raise ShapeError(f"Matryoshka wants the loss cosent and lengths of vectors, got {self.loss}, {self.dims}.")

    def with_classifier(self, trainee: Trainee) -> Objective:
        """This objective, with a fresh classifier if its loss needs one.

        Raises
        ------
        ShapeError
            If the loss is for encoders and this is none, or ``softmax`` does not know the range of labels.
        """
        if self.loss in PAIR_LOSSES and not isinstance(trainee, EncoderTrainee):
            raise ShapeError(f"The loss {self.loss} is for encoders: a cross-encoder has no two vectors.")
        if self.loss != "softmax":
            return self
        if self.labels_within is None:
            raise ShapeError("The loss softmax wants the range of all labels: its classes are the whole numbers in it.")
        width = 3 * int(trainee.module.get_embedding_dimension())
        return replace(
            self, classifier=torch.nn.Linear(width, self.labels_within.n_classes, device=trainee.module.device)
        )

    def value(self, trainee: Trainee, batch: Sequence[GradedList], *, half: bool = False) -> Any:
        """Loss of one batch as a scalar tensor with gradients; `half`: the model runs in mixed precision."""
        is_encoder = isinstance(trainee, EncoderTrainee)
        device = torch.device(trainee.module.device)
        if self.loss in PAIR_LOSSES:
            return self._of_pairs(trainee, batch, half=half)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
            if self.dims:
                return self._matryoshka(trainee, batch)
            scores = (trainee.all_scores if self.in_batch else trainee.scores)(batch).float()
        if self.loss == "cosent":
            return self._cosent(scores, batch, scale=BI_ENCODER_SCALE if is_encoder else CROSS_ENCODER_SCALE)
        labels = torch.tensor(_labels(batch), device=device)
        targets = self._targets(labels)
        if self.loss == "cross-entropy":
            return cross_entropy_loss_tensor(scores, targets)
        return smooth_recall_loss_tensor(scores, targets, k=min(SMOOTH_K, len(targets) - 1))

    def _matryoshka(self, trainee: Trainee, batch: Sequence[GradedList]) -> Any:
        if not isinstance(trainee, EncoderTrainee):
            raise ShapeError("Matryoshka is for encoders: a cross-encoder has no vectors to cut.")
        queries, texts = trainee.vectors(batch)

        def cosines(dim: int) -> Any:
            left, right = queries[:, :dim], texts[:, :dim]
            return all_cosines(left, right) if self.in_batch else own_cosines(left, right, batch)

        losses = [self._cosent(cosines(dim).float(), batch, scale=BI_ENCODER_SCALE) for dim in self.dims]
        return torch.stack(losses).mean()

    def _of_pairs(self, trainee: Trainee, batch: Sequence[GradedList], *, half: bool) -> Any:
        if not isinstance(trainee, EncoderTrainee):
            raise ShapeError(f"The loss {self.loss} is for encoders: a cross-encoder has no two vectors.")
        device = torch.device(trainee.module.device)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
            queries, right = trainee.vectors(batch)
        left = queries[_owners(batch)]  # (n_texts, dim)
        values = _labels(batch)
        labels = torch.tensor(values, device=device)
        if self.loss == "angle":
            return angle_loss_tensor(left, right, labels)
        if self.loss == "mse":
            return mse_loss_tensor(torch.cosine_similarity(left, right, dim=1), self._targets(labels))
        if self.classifier is None or self.labels_within is None:
            raise ShapeError("The loss softmax wants its classifier: take Objective.with_classifier.")
        classes = torch.tensor(self.labels_within.classes(values), device=device)
        return softmax_loss_tensor(left, right, classes, classifier=self.classifier)

    def _targets(self, labels: Any) -> Any:
        """Labels moved to 0…1: the lowest to 0, the highest to 1."""
        if self.labels_within is not None:
            return (labels - self.labels_within.low) / (self.labels_within.high - self.labels_within.low)
        span = labels - labels.min()
        return span / span.max().clamp_min(1e-9)

    def _cosent(self, scores: Any, batch: Sequence[GradedList], *, scale: float) -> Any:
        labels, used = label_matrix(batch, in_batch=self.in_batch)
        if self.compare == "batch":
            if scores.ndim == 1:
                return cosent_loss_tensor(scores, torch.tensor(_labels(batch), device=scores.device), scale=scale)
            keep = torch.from_numpy(used).to(scores.device)
            wanted = torch.from_numpy(labels).to(scores.device)
            return cosent_loss_tensor(scores[keep], wanted[keep], scale=scale)
        if scores.ndim == 1:
            owners = torch.from_numpy(_owners(batch)).to(scores.device)
            rows = scores.new_zeros(labels.shape)
            scores = rows.index_put((owners, torch.arange(len(owners), device=scores.device)), scores)
        wanted, keep = torch.from_numpy(labels).to(scores.device), torch.from_numpy(used).to(scores.device)
        return cosent_rows_loss_tensor(scores, wanted, keep, scale=scale)


def label_matrix(
    batch: Sequence[GradedList], *, in_batch: bool
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Labels of every text of a batch for every query of it, and which of them count.

    Returns
    -------
    labels : float32, shape (n_lists, n_texts)
        A list's own texts have its labels, all others :data:`OTHER`.
    used : bool, same shape
        Own texts; with `in_batch` also texts of lists with other queries, unless the query has that text itself.
    """
    owners = _owners(batch)
    own = owners[None, :] == np.arange(len(batch))[:, None]  # (n_lists, n_texts)
    labels = np.where(own, np.array(_labels(batch), dtype=np.float32)[None, :], np.float32(OTHER))
    if not in_batch:
        return labels, own
    texts = [text for item in batch for text in item.texts]
    numbers = {query: number for number, query in enumerate(dict.fromkeys(item.query for item in batch))}
    queries = np.array([numbers[item.query] for item in batch])
    used = own | (queries[:, None] != queries[owners][None, :])
    for row, item in enumerate(batch):
        held = {*item.texts, item.query}
        used[row] &= own[row] | np.array([text not in held for text in texts])
    return labels, used


def _owners(batch: Sequence[GradedList]) -> npt.NDArray[np.int64]:
    return np.repeat(np.arange(len(batch)), [len(item.texts) for item in batch])


def _labels(batch: Sequence[GradedList]) -> list[float]:
    return [label for item in batch for label in item.labels]
