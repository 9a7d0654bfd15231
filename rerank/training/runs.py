"""A training run on graded lists: its plan and its data. Start at :class:`TrainingRun`.

A :class:`Plan` and the data determine the batches and their order, whether a run was resumed or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rerank.encoders.encoder import Encoder
from rerank.encoders.packed import QUERY_KIND
from rerank.encoders.weights import DEFAULT_ENCODER, find_model, model_hash
from rerank.errors import ShapeError, TrainingDataError
from rerank.training.fixed_texts import FixedTexts
from rerank.training.measure import evaluate_lists
from rerank.training.objectives import Objective
from rerank.training.pair_losses import LabelRange
from rerank.training.steps import SteppedRun, StepPlan, is_bf16_faster
from rerank.training.trainable_models import TrainableModel, TrainableQueryEncoder, load_trainable
from rerank.training.training_data import GradedList, data_hash, mixed_batches

DOCUMENT_TOKENS = 128  # length at which papers are embedded for a query encoder, as on the site


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(StepPlan):
    """All settings of a run on graded lists. The command line documents them: ``python -m rerank train --help``."""

    kind: str = "cross-encoder"
    model: str = DEFAULT_ENCODER
    layers: int | None = None
    loss: str = "cosent"
    compare: str = "batch"
    in_batch: bool = False
    n_negatives: int = 0
    matryoshka_dims: tuple[int, ...] = ()
    lists_per_batch: int = 8
    max_tokens: int = 128
    precision: str = "auto"
    evaluate_every: int = 0  # steps between evaluations during training; 0: only before and after


class TrainingRun(SteppedRun[list[GradedList]]):
    """A run on graded lists; the points of its curve are measures on the development lists."""

    plan: Plan

    def __init__(
        self,
        plan: Plan,
        lists: Sequence[GradedList],
        dev_lists: Sequence[GradedList],
        *,
        work: Path,
        vectors: Sequence[Path],
        device: str,
    ) -> None:
        if not lists:
            raise TrainingDataError("There is no training data.")
        torch.manual_seed(plan.seed)
        self.lists, self.dev_lists = lists, dev_lists
        self.model_hash = model_hash(find_model(plan.model))
        model = _load(plan, [*lists, *dev_lists], vectors=vectors, device=device)
        labels = {label for item in lists for label in item.labels}
        self.objective = Objective(
            loss=plan.loss,
            compare=plan.compare,
            in_batch=plan.in_batch,
            dims=plan.matryoshka_dims,
            labels_within=LabelRange.of(labels) if len(labels) > 1 else None,
        ).with_classifier(model)
        head = self.objective.classifier
        super().__init__(plan, model, work=work, device=device, data_hash=data_hash(lists), head=head)
        self.half = plan.precision == "bf16" or (plan.precision == "auto" and is_bf16_faster(device))

    def batches(self, start: int) -> Iterator[list[GradedList]]:
        """Batches from a step on, epoch after epoch; an epoch's order depends only on the seed and its number."""
        epoch = step = 0
        while True:
            rng = np.random.default_rng([self.plan.seed, epoch])
            size, in_batch = self.plan.lists_per_batch, self.plan.in_batch
            for batch in mixed_batches(self.lists, size=size, rng=rng, in_batch=in_batch):
                if step >= start:
                    yield batch
                step += 1
            epoch += 1

    def loss(self, batch: list[GradedList]) -> Any:
        """Loss of a batch, a scalar tensor with gradients."""
        return self.objective.value(self.model, batch, half=self.half)

    def size_of(self, batch: list[GradedList]) -> int:
        """Number of pairs of a batch."""
        return sum(len(item.texts) for item in batch)

    def after_step(self) -> None:
        """Every ``evaluate_every`` steps, append a point to the training curve.

        A point is the mean loss since the last point, and the measures on the development lists.
        """
        every = self.plan.evaluate_every
        if every and self.step % every == 0:
            measures = evaluate_lists(self.model, self.dev_lists, half=self.half)
            self.curve.append({"step": self.step, "loss": float(np.mean(self.losses[-every:])), "dev": measures})
            self.model.module.train()


def _load(plan: Plan, lists: Sequence[GradedList], *, vectors: Sequence[Path], device: str) -> TrainableModel:
    is_query_encoder = plan.kind == QUERY_KIND
    kind = "encoder" if is_query_encoder else plan.kind
    model = load_trainable(kind, plan.model, layers=plan.layers, max_tokens=plan.max_tokens, device=device)
    if not is_query_encoder:
        if vectors or plan.n_negatives:
            raise ShapeError(f"Vectors and random texts are only for a {QUERY_KIND}, not for the kind {kind}.")
        return model
    base = Encoder(plan.model, device=device, max_tokens=DOCUMENT_TOKENS)
    fixed = FixedTexts.of(lists, folders=vectors, encode=base.encode, model_hash=base.model_hash)
    return TrainableQueryEncoder(model.module, max_tokens=plan.max_tokens, fixed=fixed, n_negatives=plan.n_negatives)
