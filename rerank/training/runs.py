"""A training run: its plan, its loop and its checkpoints. Start at :class:`TrainingRun`.

A :class:`Plan` and the data determine the batches and their order, whether a run was resumed or not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rerank.encoders.encoder import Encoder
from rerank.encoders.packed import QUERY_KIND
from rerank.encoders.weights import DEFAULT_ENCODER, find_model, model_hash
from rerank.errors import ArtifactBroken, ShapeError, TrainingDataError
from rerank.stopping import Stop
from rerank.training.fixed_texts import FixedTexts
from rerank.training.measure import evaluate_lists
from rerank.training.objectives import Objective
from rerank.training.optimizers import LORA_PLUS_RATIO, make_optimizer, rate_factor
from rerank.training.pair_losses import LabelRange
from rerank.training.trainable_models import (
    TrainableModel,
    TrainableQueryEncoder,
    add_lora,
    freeze_embeddings,
    load_trainable,
    set_dropout,
)
from rerank.training.training_data import GradedList, data_hash, mixed_batches

CHECKPOINT = "checkpoint.pt"
DOCUMENT_TOKENS = 128  # length at which papers are embedded for a query encoder, as on the site
MAX_GRADIENT_NORM = 1.0

Progress = Callable[[dict[str, float]], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """All settings of a training run. The command line documents them: ``python -m rerank train --help``."""

    kind: str = "cross-encoder"
    model: str = DEFAULT_ENCODER
    layers: int | None = None
    loss: str = "cosent"
    compare: str = "batch"
    in_batch: bool = False
    n_negatives: int = 0
    matryoshka_dims: tuple[int, ...] = ()
    n_steps: int = 1000
    lists_per_batch: int = 8
    lr: float = 1e-4
    optimizer: str = "adamw"
    schedule: str = "cosine"
    warmup_share: float = 0.1
    weight_decay: float = 0.01
    max_tokens: int = 128
    dropout: float = 0.0  # a run sees each text about once; on a CPU, sampling the masks takes half of the time
    precision: str = "auto"
    freeze_embeddings: bool = False
    lora_rank: int = 0
    lora_plus: bool = False
    lora_init: str = "zero"
    checkpoint_every: int = 200
    evaluate_every: int = 0  # steps between evaluations during training; 0: only before and after
    seed: int = 0


class TrainingRun:
    """State of a training run: the model, the optimiser and what a checkpoint contains."""

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
        self.plan, self.lists, self.work, self.device = plan, lists, work, device
        self.data_hash = data_hash(lists)
        self.model_hash = model_hash(find_model(plan.model))
        self.model = _load(plan, [*lists, *dev_lists], vectors=vectors, device=device)
        labels = {label for item in lists for label in item.labels}
        self.objective = Objective(
            loss=plan.loss,
            compare=plan.compare,
            in_batch=plan.in_batch,
            dims=plan.matryoshka_dims,
            labels_within=LabelRange.of(labels) if len(labels) > 1 else None,
        ).with_classifier(self.model)
        set_dropout(self.model.module, share=plan.dropout)
        if plan.freeze_embeddings:
            freeze_embeddings(self.model.module)
        self.half = plan.precision == "bf16" or (plan.precision == "auto" and _is_bf16_faster(device))
        self.step = 0
        self.seconds = 0.0
        self.n_pairs = 0
        self.losses: list[float] = []
        self.curve: list[dict[str, Any]] = []
        self.optimizer: torch.optim.Optimizer | None = None

    def prepare(self) -> None:
        """Add adapters and create the optimiser, before the first step or before a checkpoint is read."""
        plan = self.plan
        if plan.lora_rank:
            first_batch = next(self._batches(0))
            add_lora(
                self.model,
                rank=plan.lora_rank,
                init=plan.lora_init,
                gradient_step=lambda: self._loss(first_batch).backward(),
            )
        ratio = LORA_PLUS_RATIO if plan.lora_plus else 1.0
        classifier = self.objective.classifier
        module = self.model.module if classifier is None else torch.nn.ModuleList([self.model.module, classifier])
        self.optimizer = make_optimizer(
            module, name=plan.optimizer, lr=plan.lr, weight_decay=plan.weight_decay, lora_plus_ratio=ratio
        )
        self.base_rates = [group["lr"] for group in self.optimizer.param_groups]

    def loop(self, dev_lists: Sequence[GradedList], *, stop: Stop, progress: Progress | None) -> bool:
        """Train until the last step or a stop; True if it reached the last step."""
        self.model.module.train()
        for batch in self._batches(self.step):
            if self.step >= self.plan.n_steps:
                break
            if stop():
                self.save_checkpoint()
                return False
            self._train_step(batch)
            if progress is not None:
                rate = self.plan.lr * self._factor(self.step - 1)
                speed = self.n_pairs / max(self.seconds, 1e-9)
                now = {"step": self.step, "loss": self.losses[-1], "rate": rate, "pairs": self.n_pairs}
                progress({**now, "pairs_per_s": speed})
            if self.plan.evaluate_every and self.step % self.plan.evaluate_every == 0:
                self._evaluate(dev_lists)
            if self.step % self.plan.checkpoint_every == 0:
                self.save_checkpoint()
        self.model.module.eval()
        return True

    def save_checkpoint(self) -> None:
        """Replace the checkpoint, atomically, by the state that the next step depends on."""
        assert self.optimizer is not None
        state = {
            "plan": asdict(self.plan),
            "data_hash": self.data_hash,
            "step": self.step,
            "seconds": self.seconds,
            "n_pairs": self.n_pairs,
            "losses": self.losses,
            "curve": self.curve,
            "head": None if self.objective.classifier is None else self.objective.classifier.state_dict(),
            "model": self.model.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
        }
        part = self.work / f"{CHECKPOINT}.part"
        torch.save(state, part)
        part.replace(self.work / CHECKPOINT)

    def resume(self) -> None:
        """Read the checkpoint, if there is one."""
        path = self.work / CHECKPOINT
        if not path.exists():
            return
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
        except (OSError, RuntimeError, EOFError, ValueError) as exc:
            raise ArtifactBroken(f"{path} cannot be read ({exc}); train again without --resume.") from exc
        if asdict(Plan()) | state["plan"] != asdict(self.plan) or state["data_hash"] != self.data_hash:
            raise ArtifactBroken(f"{path} belongs to another plan or other data; train again without --resume.")
        assert self.optimizer is not None
        self.model.module.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"].cpu())
        self.step, self.seconds, self.n_pairs = state["step"], state["seconds"], state["n_pairs"]
        self.losses, self.curve = state["losses"], state.get("curve", [])
        if self.objective.classifier is not None:
            self.objective.classifier.load_state_dict(state["head"])

    def _evaluate(self, dev_lists: Sequence[GradedList]) -> None:
        """Append a point to the training curve: mean loss since the last point, and measures on the dev lists."""
        recent_losses = self.losses[-self.plan.evaluate_every :]
        measures = evaluate_lists(self.model, dev_lists, half=self.half)
        self.curve.append({"step": self.step, "loss": float(np.mean(recent_losses)), "dev": measures})
        self.model.module.train()

    def _train_step(self, batch: Sequence[GradedList]) -> None:
        assert self.optimizer is not None
        start = time.perf_counter()
        factor = self._factor(self.step)
        for group, base in zip(self.optimizer.param_groups, self.base_rates, strict=True):
            group["lr"] = base * factor
        self.optimizer.zero_grad(set_to_none=True)
        loss = self._loss(batch)
        loss.backward()
        parameters = [param for group in self.optimizer.param_groups for param in group["params"]]
        torch.nn.utils.clip_grad_norm_(parameters, MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.losses.append(float(loss.detach()))
        self.step += 1
        self.n_pairs += sum(len(item.texts) for item in batch)
        self.seconds += time.perf_counter() - start

    def _loss(self, batch: Sequence[GradedList]) -> Any:
        return self.objective.value(self.model, batch, half=self.half)

    def _batches(self, start: int) -> Iterator[list[GradedList]]:
        """Batches from a step on, epoch after epoch; an epoch's order depends only on the seed and its number."""
        epoch = step = 0
        while True:
            rng = np.random.default_rng([self.plan.seed, epoch])
            for batch in self._mixed_batches(rng):
                if step >= start:
                    yield batch
                step += 1
            epoch += 1

    def _mixed_batches(self, rng: np.random.Generator) -> list[list[GradedList]]:
        return mixed_batches(self.lists, size=self.plan.lists_per_batch, rng=rng, in_batch=self.plan.in_batch)

    def _factor(self, step: int) -> float:
        n_warmup = int(self.plan.warmup_share * self.plan.n_steps)
        return rate_factor(step, n_steps=self.plan.n_steps, n_warmup=n_warmup, schedule=self.plan.schedule)


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


def _is_bf16_faster(device: str) -> bool:
    """Whether mixed precision is faster: on a GPU if it supports bf16, on a CPU by timing a matrix product."""
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported())
    if device != "cpu":
        return False
    sample = torch.rand(1024, 512)
    times = {}
    for dtype in (torch.float32, torch.bfloat16):
        left = sample.to(dtype)
        right = left.T.contiguous()
        torch.mm(left, right)
        start = time.perf_counter()
        for _ in range(5):
            torch.mm(left, right)
        times[dtype] = time.perf_counter() - start
    return times[torch.bfloat16] < times[torch.float32]
