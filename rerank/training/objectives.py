"""The objective of a training step: which scores of a batch are compared, and the loss.

A batch is a sequence of graded lists. By default each text is scored with its list's query, and all scores of the batch
are compared. Options:

- *in-batch*: every query is also scored with the texts of the other lists (:mod:`rerank.training.comparisons`).
- *Matryoshka* (Kusupati et al. 2022, arXiv:2205.13147): the mean of the losses of vectors truncated to several
  dimensions, so that truncated vectors can be used when memory is scarce.
- *by query*: only scores of the same query are compared, and the mean over queries is taken. With one text above the
  others this is the in-batch softmax ("multiple negatives", Henderson et al. 2017); graded labels keep their order.

The losses of :data:`PAIR_LOSSES` depend on the two vectors of a pair, so they are for encoders.
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
from rerank.training.trainable_models import TrainableEncoder, TrainableModel, all_cosines, own_cosines
from rerank.training.training_data import GradedList

SCORE_LOSSES = ("cosent", "cross-entropy", "smooth-top-k")
PAIR_LOSSES = ("mse", "softmax", "angle")
LOSSES = (*SCORE_LOSSES, *PAIR_LOSSES)
IN_BATCH_LOSSES = ("cosent", "smooth-top-k")
COMPARISONS = ("batch", "query")
SMOOTH_K = 8  # k of smooth top-k, for batches of about 50 texts: about the relevant and the best hard ones


@dataclass(frozen=True, slots=True)
class Objective:
    """A loss, and the scores that it compares.

    Parameters
    ----------
    dims
        Matryoshka: the dimensions to which vectors are truncated; empty: whole vectors only.
    labels_within
        Range of all labels, for losses that need targets or classes; None: the range of each batch.
    classifier : torch.nn.Linear
        Trained together with the model by ``softmax``; see :meth:`with_classifier`.

    Raises
    ------
    ShapeError
        If a name is unknown, or options cannot be combined.
    """

    loss: str = "cosent"
    compare: str = "batch"
    in_batch: bool = False
    dims: tuple[int, ...] = ()
    labels_within: LabelRange | None = None
    classifier: Any = None

    def __post_init__(self) -> None:
        if self.loss not in LOSSES or self.compare not in COMPARISONS:
            raise ShapeError(
                f"The loss must be one of {', '.join(LOSSES)} and the comparison one of {', '.join(COMPARISONS)},"
                f" got {self.loss!r} and {self.compare!r}."
            )
        if self.compare == "query" and self.loss != "cosent":
            raise ShapeError(f"Comparisons by query are for the loss cosent, not for {self.loss}.")
        if self.in_batch and self.loss not in IN_BATCH_LOSSES:
            raise ShapeError(f"In-batch texts are for the losses {', '.join(IN_BATCH_LOSSES)}, not for {self.loss}.")
        if self.dims and (self.loss not in IN_BATCH_LOSSES or min(self.dims) < 1):
            raise ShapeError(
                f"Matryoshka needs dimensions of at least 1 and one of the losses {', '.join(IN_BATCH_LOSSES)},"
                f" got {self.dims} and {self.loss}."
            )

    def with_classifier(self, model: TrainableModel) -> Objective:
        """This objective, with a new classifier if its loss needs one.

        Raises
        ------
        ShapeError
            If the loss is for encoders and `model` is none, or ``softmax`` has no range of labels.
        """
        self._check(model)
        if self.loss != "softmax":
            return self
        if self.labels_within is None:
            raise ShapeError("The loss softmax needs the range of all labels: its classes are the whole numbers in it.")
        width = 3 * int(model.module.get_embedding_dimension())
        return replace(
            self, classifier=torch.nn.Linear(width, self.labels_within.n_classes, device=model.module.device)
        )

    def value(self, model: TrainableModel, batch: Sequence[GradedList], *, half: bool = False) -> Any:
        """Loss of one batch, a scalar tensor with gradients.

        Parameters
        ----------
        half
            Run the model in mixed precision.

        Raises
        ------
        ShapeError
            If the options need vectors and the model is a cross-encoder, which has none.
        """
        device = torch.device(model.module.device)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
            self._check(model)
            if not isinstance(model, TrainableEncoder):
                return self._of_scores(model.scores(batch).float(), batch, scale=CROSS_ENCODER_SCALE)
            if self.in_batch:
                queries, (texts, labels, used) = model.queries(batch), model.compared(batch)
            else:
                queries, texts = model.vectors(batch)
        truncated = self._truncated(queries, texts)
        if self.in_batch:
            return torch.stack([self._of_rows(all_cosines(*pair), labels, used) for pair in truncated]).mean()
        if self.loss in PAIR_LOSSES:
            return self._of_pairs(queries, texts, batch)
        cosines = [own_cosines(*pair, batch) for pair in truncated]
        return torch.stack([self._of_scores(scores, batch, scale=BI_ENCODER_SCALE) for scores in cosines]).mean()

    def _check(self, model: TrainableModel) -> None:
        if (self.in_batch or self.dims or self.loss in PAIR_LOSSES) and not isinstance(model, TrainableEncoder):
            raise ShapeError(
                f"The loss {self.loss} with these options compares vectors, and a cross-encoder has none:"
                f" in-batch texts, Matryoshka and the losses {', '.join(PAIR_LOSSES)} are for encoders."
            )

    def _truncated(self, queries: Any, texts: Any) -> list[tuple[Any, Any]]:
        """The vectors; with Matryoshka, truncated to each dimension."""
        return [(queries[:, :dim], texts[:, :dim]) for dim in self.dims or (queries.shape[1],)]

    def _of_rows(self, scores: Any, labels: Any, used: Any) -> Any:
        """Loss of the scores of all queries with all texts; the arguments have shape (n_queries, n_texts)."""
        if self.loss == "smooth-top-k":
            rows = zip(scores, labels, used, strict=True)
            losses = [self._smooth(row_scores[mask], row_labels[mask]) for row_scores, row_labels, mask in rows]
            return torch.stack(losses).mean()
        if self.compare == "batch":
            return cosent_loss_tensor(scores[used], labels[used], scale=BI_ENCODER_SCALE)
        return cosent_rows_loss_tensor(scores, labels, used, scale=BI_ENCODER_SCALE)

    def _of_scores(self, scores: Any, batch: Sequence[GradedList], *, scale: float) -> Any:
        """Loss of the scores of each list's own texts, shape (n_texts,)."""
        labels = torch.tensor(labels_of(batch), device=scores.device)
        if self.loss == "cross-entropy":
            return cross_entropy_loss_tensor(scores, self._targets(labels))
        if self.loss == "smooth-top-k":
            return smooth_recall_loss_tensor(scores, self._targets(labels), k=min(SMOOTH_K, len(labels) - 1))
        if self.compare == "batch":
            return cosent_loss_tensor(scores, labels, scale=scale)
        matrix, used = (torch.from_numpy(array).to(scores.device) for array in label_matrix(batch, in_batch=False))
        indices = torch.from_numpy(owners_of(batch)).to(scores.device), torch.arange(len(labels), device=scores.device)
        rows = scores.new_zeros(matrix.shape).index_put(indices, scores)
        return cosent_rows_loss_tensor(rows, matrix, used, scale=scale)

    def _smooth(self, scores: Any, labels: Any) -> Any:
        """Smooth top-k of one query. Cosines are scaled as for CoSENT: unscaled, all would be near the threshold."""
        return smooth_recall_loss_tensor(scores * BI_ENCODER_SCALE, self._targets(labels), k=SMOOTH_K)

    def _of_pairs(self, queries: Any, texts: Any, batch: Sequence[GradedList]) -> Any:
        """Loss of pairs of vectors, given the queries' (n_lists, dim) and the texts' (n_texts, dim)."""
        own_queries = queries[owners_of(batch)]  # (n_texts, dim)
        values = labels_of(batch)
        labels = torch.tensor(values, device=texts.device)
        if self.loss == "angle":
            return angle_loss_tensor(own_queries, texts, labels)
        if self.loss == "mse":
            return mse_loss_tensor(torch.cosine_similarity(own_queries, texts, dim=1), self._targets(labels))
        if self.classifier is None or self.labels_within is None:
            raise ShapeError("The loss softmax needs a classifier: call Objective.with_classifier first.")
        classes = torch.tensor(self.labels_within.classes(values), device=texts.device)
        return softmax_loss_tensor(own_queries, texts, classes, classifier=self.classifier)

    def _targets(self, labels: Any) -> Any:
        """Labels scaled to 0…1: the lowest to 0, the highest to 1."""
        if self.labels_within is not None:
            return (labels - self.labels_within.low) / (self.labels_within.high - self.labels_within.low)
        shifted = labels - labels.min()
        return shifted / shifted.max().clamp_min(1e-9)
