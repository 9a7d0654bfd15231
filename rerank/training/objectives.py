"""What a training step minimises: which scores of a batch are compared, and with which loss.

A batch is some graded lists. By themselves they give one score a text, all compared with each other. Options:

- *in-batch*: every query is also scored against the texts of the other lists, which count as
  :data:`rerank.training.comparisons.OTHER`: an encoder gets these comparisons for one matrix product. Lists of the same
  query, and texts a query has itself, are left out.
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

import torch

from rerank.errors import ShapeError
from rerank.training.comparisons import label_matrix, labels_of, owners_of
from rerank.training.cosent import (
    BI_ENCODER_SCALE,
    CROSS_ENCODER_SCALE,
    cosent_loss_tensor,
    cosent_rows_loss_tensor,
    cross_entropy_loss_tensor,
    smooth_recall_loss_tensor,
)
from rerank.training.pair_losses import LabelRange, angle_loss_tensor, mse_loss_tensor, softmax_loss_tensor
from rerank.training.trainable_models import EncoderTrainee, TrainableModel, all_cosines, own_cosines
from rerank.training.training_data import GradedList

SCORE_LOSSES = ("cosent", "cross-entropy", "smooth-top-k")
PAIR_LOSSES = ("mse", "softmax", "angle")
LOSSES = (*SCORE_LOSSES, *PAIR_LOSSES)
IN_BATCH_LOSSES = ("cosent", "smooth-top-k")
COMPARISONS = ("batch", "query")
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
        if self.compare == "query" and self.loss != "cosent":
            raise ShapeError(f"Comparisons by query are for the loss cosent, not for {self.loss}.")
        if self.in_batch and self.loss not in IN_BATCH_LOSSES:
            raise ShapeError(f"In-batch texts are for the losses {', '.join(IN_BATCH_LOSSES)}, not for {self.loss}.")
        if self.dims and (self.loss not in IN_BATCH_LOSSES or min(self.dims) < 1):
            raise ShapeError(f"Matryoshka wants the loss cosent and lengths of vectors, got {self.loss}, {self.dims}.")

    def with_classifier(self, trainee: TrainableModel) -> Objective:
        """This objective, with a fresh classifier if its loss needs one.

        Raises
        ------
        ShapeError
            If the loss is for encoders and this is none, or ``softmax`` does not know the range of labels.
        """
        self._check(trainee)
        if self.loss != "softmax":
            return self
        if self.labels_within is None:
            raise ShapeError("The loss softmax wants the range of all labels: its classes are the whole numbers in it.")
        width = 3 * int(trainee.module.get_embedding_dimension())
        return replace(
            self, classifier=torch.nn.Linear(width, self.labels_within.n_classes, device=trainee.module.device)
        )

    def value(self, trainee: TrainableModel, batch: Sequence[GradedList], *, half: bool = False) -> Any:
        """Loss of one batch as a scalar tensor with gradients; `half`: the model runs in mixed precision.

        Raises
        ------
        ShapeError
            If the options need vectors and the model is a cross-encoder, which has none.
        """
        device = torch.device(trainee.module.device)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
            self._check(trainee)
            if not isinstance(trainee, EncoderTrainee):
                return self._of_scores(trainee.scores(batch).float(), batch, scale=CROSS_ENCODER_SCALE)
            if self.in_batch:
                queries, (texts, labels, used) = trainee.queries(batch), trainee.compared(batch)
            else:
                queries, texts = trainee.vectors(batch)
        if self.in_batch:
            rows = [self._of_rows(all_cosines(*cut), labels, used) for cut in self._cuts(queries, texts)]
            return torch.stack(rows).mean()
        if self.loss in PAIR_LOSSES:
            return self._of_pairs(queries, texts, batch)
        cosines = [own_cosines(*cut, batch) for cut in self._cuts(queries, texts)]
        return torch.stack([self._of_scores(one, batch, scale=BI_ENCODER_SCALE) for one in cosines]).mean()

    def _check(self, trainee: TrainableModel) -> None:
        if (self.in_batch or self.dims or self.loss in PAIR_LOSSES) and not isinstance(trainee, EncoderTrainee):
            raise ShapeError(
                f"The loss {self.loss} with these options compares vectors, and a cross-encoder has none: "
                f"in-batch texts, Matryoshka and the losses {', '.join(PAIR_LOSSES)} are for encoders."
            )

    def _cuts(self, queries: Any, texts: Any) -> list[tuple[Any, Any]]:
        """The vectors, or with Matryoshka their first so many coordinates."""
        return [(queries[:, :dim], texts[:, :dim]) for dim in self.dims or (queries.shape[1],)]

    def _of_rows(self, scores: Any, labels: Any, used: Any) -> Any:
        """Loss of all scores of the queries with the texts they are compared with, each (n_queries, n_texts)."""
        if self.loss == "smooth-top-k":
            rows = [
                self._smooth(row[keep], wanted[keep]) for row, wanted, keep in zip(scores, labels, used, strict=True)
            ]
            return torch.stack(rows).mean()
        if self.compare == "batch":
            return cosent_loss_tensor(scores[used], labels[used], scale=BI_ENCODER_SCALE)
        return cosent_rows_loss_tensor(scores, labels, used, scale=BI_ENCODER_SCALE)

    def _of_scores(self, scores: Any, batch: Sequence[GradedList], *, scale: float) -> Any:
        """Loss of the scores of each list's own texts, (n_texts,)."""
        labels = torch.tensor(labels_of(batch), device=scores.device)
        if self.loss == "cross-entropy":
            return cross_entropy_loss_tensor(scores, self._targets(labels))
        if self.loss == "smooth-top-k":
            return smooth_recall_loss_tensor(scores, self._targets(labels), k=min(SMOOTH_K, len(labels) - 1))
        if self.compare == "batch":
            return cosent_loss_tensor(scores, labels, scale=scale)
        wanted, used = (torch.from_numpy(part).to(scores.device) for part in label_matrix(batch, in_batch=False))
        places = torch.from_numpy(owners_of(batch)).to(scores.device), torch.arange(len(labels), device=scores.device)
        rows = scores.new_zeros(wanted.shape).index_put(places, scores)
        return cosent_rows_loss_tensor(rows, wanted, used, scale=scale)

    def _smooth(self, scores: Any, labels: Any) -> Any:
        """Smooth top-k of one query; cosines are spread as CoSENT spreads them, else all are near the threshold."""
        return smooth_recall_loss_tensor(scores * BI_ENCODER_SCALE, self._targets(labels), k=SMOOTH_K)

    def _of_pairs(self, queries: Any, right: Any, batch: Sequence[GradedList]) -> Any:
        left = queries[owners_of(batch)]  # (n_texts, dim)
        values = labels_of(batch)
        labels = torch.tensor(values, device=right.device)
        if self.loss == "angle":
            return angle_loss_tensor(left, right, labels)
        if self.loss == "mse":
            return mse_loss_tensor(torch.cosine_similarity(left, right, dim=1), self._targets(labels))
        if self.classifier is None or self.labels_within is None:
            raise ShapeError("The loss softmax wants its classifier: take Objective.with_classifier.")
        classes = torch.tensor(self.labels_within.classes(values), device=right.device)
        return softmax_loss_tensor(left, right, classes, classifier=self.classifier)

    def _targets(self, labels: Any) -> Any:
        """Labels moved to 0…1: the lowest to 0, the highest to 1."""
        if self.labels_within is not None:
            return (labels - self.labels_within.low) / (self.labels_within.high - self.labels_within.low)
        span = labels - labels.min()
        return span / span.max().clamp_min(1e-9)
