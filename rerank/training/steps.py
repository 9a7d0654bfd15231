"""The loop of a training run: steps of an optimiser on batches, checkpoints, and going on from one.

:class:`SteppedRun` is what all runs share; a run says what its batches are and what their loss is.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch

from rerank.errors import ArtifactBroken
from rerank.stopping import Stop
from rerank.training.optimizers import LORA_PLUS_RATIO, make_optimizer, rate_factor
from rerank.training.trainable_models import TrainableModel, add_lora, freeze_embeddings, set_dropout

CHECKPOINT = "checkpoint.pt"
MAX_GRADIENT_NORM = 1.0

Progress = Callable[[dict[str, float]], None]
Batch = TypeVar("Batch")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """The settings that every run has."""

    n_steps: int = 1000
    lr: float = 1e-4
    optimizer: str = "adamw"
    schedule: str = "cosine"
    warmup_share: float = 0.1
    weight_decay: float = 0.01
    dropout: float = 0.0  # a run sees each text about once; on a CPU, sampling the masks takes half of the time
    freeze_embeddings: bool = False
    lora_rank: int = 0
    lora_plus: bool = False
    lora_init: str = "zero"
    checkpoint_every: int = 200
    seed: int = 0


class SteppedRun(ABC, Generic[Batch]):
    """State of a training run: the model, the optimiser and what a checkpoint contains.

    Parameters
    ----------
    work
        Folder of the checkpoint.
    data_hash
        Of the training data; a checkpoint of other data is refused.
    head : torch.nn.Module
        Trained together with the model, and not part of it.
    """

    def __init__(
        self, plan: StepPlan, model: TrainableModel, *, work: Path, device: str, data_hash: str, head: Any = None
    ) -> None:
        self.plan, self.model, self.work, self.device = plan, model, work, device
        self.data_hash, self.head = data_hash, head
        set_dropout(model.module, share=plan.dropout)
        if plan.freeze_embeddings:
            freeze_embeddings(model.module)
        self.step = 0
        self.seconds = 0.0
        self.n_pairs = 0
        self.losses: list[float] = []
        self.curve: list[dict[str, Any]] = []
        self.optimizer: torch.optim.Optimizer | None = None

    @abstractmethod
    def batches(self, start: int) -> Iterator[Batch]:
        """Batches from a step on, without end; they depend only on the plan and the data."""

    @abstractmethod
    def loss(self, batch: Batch) -> Any:
        """Loss of a batch, a scalar tensor with gradients."""

    @abstractmethod
    def size_of(self, batch: Batch) -> int:
        """Number of texts or pairs of a batch, for the speed."""

    def after_step(self) -> None:
        """Called after each step, before a checkpoint."""

    def prepare(self) -> None:
        """Add adapters and create the optimiser, before the first step or before a checkpoint is read."""
        plan = self.plan
        if plan.lora_rank:
            first_batch = next(self.batches(0))
            add_lora(
                self.model,
                rank=plan.lora_rank,
                init=plan.lora_init,
                gradient_step=lambda: self.loss(first_batch).backward(),
            )
        ratio = LORA_PLUS_RATIO if plan.lora_plus else 1.0
        module = self.model.module if self.head is None else torch.nn.ModuleList([self.model.module, self.head])
        self.optimizer = make_optimizer(
            module, name=plan.optimizer, lr=plan.lr, weight_decay=plan.weight_decay, lora_plus_ratio=ratio
        )
        self.base_rates = [group["lr"] for group in self.optimizer.param_groups]

    def loop(self, *, stop: Stop, progress: Progress | None) -> bool:
        """Train until the last step or a stop; True if it reached the last step.

        Parameters
        ----------
        progress
            Called after each step with ``step, loss, rate, pairs, pairs_per_s``.
        """
        self.model.module.train()
        for batch in self.batches(self.step):
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
            self.after_step()
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
            "head": None if self.head is None else self.head.state_dict(),
            "model": self.model.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
        }
        part = self.work / f"{CHECKPOINT}.part"
        torch.save(state, part)
        part.replace(self.work / CHECKPOINT)

    def resume(self) -> None:
        """Read the checkpoint, if there is one.

        Raises
        ------
        ArtifactBroken
            If it cannot be read, or belongs to another plan or other data.
        """
        path = self.work / CHECKPOINT
        if not path.exists():
            return
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
        except (OSError, RuntimeError, EOFError, ValueError) as exc:
            raise ArtifactBroken(f"{path} cannot be read ({exc}); train again without --resume.") from exc
        if asdict(type(self.plan)()) | state["plan"] != asdict(self.plan) or state["data_hash"] != self.data_hash:
            raise ArtifactBroken(f"{path} belongs to another plan or other data; train again without --resume.")
        assert self.optimizer is not None
        self.model.module.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"].cpu())
        self.step, self.seconds, self.n_pairs = state["step"], state["seconds"], state["n_pairs"]
        self.losses, self.curve = state["losses"], state.get("curve", [])
        if self.head is not None:
            self.head.load_state_dict(state["head"])

    def _train_step(self, batch: Batch) -> None:
        assert self.optimizer is not None
        start = time.perf_counter()
        factor = self._factor(self.step)
        for group, base in zip(self.optimizer.param_groups, self.base_rates, strict=True):
            group["lr"] = base * factor
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(batch)
        loss.backward()
        parameters = [param for group in self.optimizer.param_groups for param in group["params"]]
        torch.nn.utils.clip_grad_norm_(parameters, MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.losses.append(float(loss.detach()))
        self.step += 1
        self.n_pairs += self.size_of(batch)
        self.seconds += time.perf_counter() - start

    def _factor(self, step: int) -> float:
        n_warmup = int(self.plan.warmup_share * self.plan.n_steps)
        return rate_factor(step, n_steps=self.plan.n_steps, n_warmup=n_warmup, schedule=self.plan.schedule)


def is_bf16_faster(device: str) -> bool:
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
