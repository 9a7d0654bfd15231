"""Training of a student: an encoder that learns its teachers' order. Start at :func:`teach`.

By default one encoder learns to encode documents and queries. With ``side="queries"`` the vectors of papers are fixed,
as in a library that is not to be embedded again: a step then costs the encoding of its queries alone, and each of them
is compared with all papers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rerank.arrays import Float32s
from rerank.artifacts import build_lock, replace_text
from rerank.encoders.devices import choose_device
from rerank.encoders.loading import plain_logging
from rerank.encoders.packed import QUERY_KIND, is_packed
from rerank.encoders.weights import DEFAULT_ENCODER, find_model, model_hash
from rerank.errors import ShapeError
from rerank.evaluation import spearman
from rerank.stopping import stop_on_signal
from rerank.teaching.lessons import STUDENT_SCALE, TEACHER_SCALE, Lesson, Lessons
from rerank.teaching.losses import fitted_scale, graded_loss_tensor, listwise_loss_tensor
from rerank.training.steps import CHECKPOINT, Progress, SteppedRun, StepPlan, is_bf16_faster
from rerank.training.trainable_models import TrainableEncoder, all_cosines, load_trainable, save_trained
from rerank.training.training import Outcome

TEACHING_LOSSES = ("listwise", "graded", "both")
SIDES = ("both", "queries")
GRADED_SHARE = 0.1  # weight of CoSENT's loss beside the listwise one; it is about ten times as large


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentPlan(StepPlan):
    """All settings of a student's training."""

    model: str = DEFAULT_ENCODER
    side: str = "both"
    loss: str = "listwise"
    sharpness: float = 1.0  # factor on the scales of student and teachers; more papers need a higher one
    fit_scale: bool = False  # scale a trained student's cosines as fits the teachers best before the first step
    n_papers: int = 64
    n_queries: int = 8
    hard_first: bool = True
    max_tokens: int = 128
    frozen_layers: int = 0  # from the first; their activations need no gradient, which saves a third of the time
    precision: str = "fp32"
    n_steps: int = 300
    lr: float = 3e-5


class StudentRun(SteppedRun[Lesson]):
    """A run on lessons."""

    plan: StudentPlan

    def __init__(
        self, plan: StudentPlan, lessons: Lessons, *, work: Path, device: str, start_vectors: Float32s | None
    ) -> None:
        _check(plan, start_vectors)
        torch.manual_seed(plan.seed)
        is_packed_query = is_packed(find_model(plan.model)) and plan.side == "queries"
        kind = QUERY_KIND if is_packed_query else "encoder"
        model = load_trainable(kind, plan.model, max_tokens=plan.max_tokens, device=device)
        assert isinstance(model, TrainableEncoder)
        self.lessons, self.encoder = lessons, model
        self.fixed = torch.from_numpy(start_vectors).to(device) if plan.side == "queries" else None
        self.first = None
        if plan.side == "both" and plan.hard_first and start_vectors is not None:
            self.first = lessons.difficulty(start_vectors)
        _freeze_layers(model.module, plan.frozen_layers)
        self.scales = _fitted_scales(plan, model, lessons, fixed=start_vectors)
        super().__init__(plan, model, work=work, device=device, data_hash=_hash(lessons))
        self.half = plan.precision == "bf16" or (plan.precision == "auto" and is_bf16_faster(device))

    def batches(self, start: int) -> Iterator[Lesson]:
        """Lessons from a step on."""
        if self.fixed is not None:
            return self.lessons.of_queries(seed=self.plan.seed, start=start)
        return self.lessons.batches(seed=self.plan.seed, start=start, first=self.first)

    def loss(self, batch: Lesson) -> Any:
        """Loss of a lesson: that of queries with papers or, unless papers are fixed, its mean with papers' own."""
        device, texts = torch.device(self.device), self.lessons.texts
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=self.half):
            queries = self.encoder.embed([texts.queries[row] for row in batch.queries])
            papers = self.fixed
            if papers is None:
                papers = self.encoder.embed([texts.papers[row] for row in batch.papers])
        by_query = torch.from_numpy(batch.of_queries).to(device)
        everything = torch.ones_like(by_query, dtype=torch.bool)
        of_queries = self._loss(all_cosines(queries, papers), by_query, everything, scale=self.scales[0])
        if self.fixed is not None:
            return of_queries
        by_paper = torch.from_numpy(batch.between_papers).to(device)
        others = ~torch.eye(len(batch.papers), dtype=torch.bool, device=device)  # not a paper with itself
        between = self._loss(all_cosines(papers, papers), by_paper, others, scale=self.scales[1])
        return (of_queries + between) / 2

    def size_of(self, batch: Lesson) -> int:
        """Number of texts of a lesson that are encoded."""
        return len(batch.queries) + (len(batch.papers) if self.fixed is None else 0)

    def _loss(self, cosines: Any, similarities: Any, used: Any, *, scale: float) -> Any:
        scales = {"student_scale": scale, "teacher_scale": TEACHER_SCALE * self.plan.sharpness}
        if self.plan.loss == "listwise":
            return listwise_loss_tensor(cosines, similarities, used, **scales)
        graded = graded_loss_tensor(cosines, similarities, used)
        if self.plan.loss == "graded":
            return graded
        return listwise_loss_tensor(cosines, similarities, used, **scales) + GRADED_SHARE * graded


def teach(
    plan: StudentPlan,
    lessons: Lessons,
    *,
    folder: Path,
    held_out: Lessons | None = None,
    start_vectors: Float32s | None = None,
    held_out_vectors: Float32s | None = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> Outcome:
    """Train a student and write its folder; continues from a checkpoint of the same plan and texts.

    Parameters
    ----------
    folder
        Of the trained model. Until training is finished, ``<folder>.work`` holds the checkpoint.
    held_out
        Lessons of other papers, to measure the agreement with the teachers before and after.
    start_vectors, held_out_vectors : float32, shape (n_papers, dim)
        Vectors of the papers, and of the held-out ones, by the model that the student starts from: for ``hard_first``,
        and as the fixed ones of ``side="queries"``.
    progress
        Called after each step with ``step, loss, rate, pairs, pairs_per_s``.

    Raises
    ------
    ShapeError
        If the loss or the side is unknown, fixed vectors are missing, or all layers are to be frozen.
    ArtifactBroken
        If the checkpoint belongs to another plan or other texts.
    BuildRunning
        If another process trains into the same folder.
    """
    work = folder.with_name(f"{folder.name}.work")
    with build_lock(work), stop_on_signal() as stop, plain_logging():
        run = StudentRun(plan, lessons, work=work, device=choose_device(device), start_vectors=start_vectors)
        fixed = None if plan.side == "both" else held_out_vectors
        before = {} if held_out is None else agreement(run.encoder, held_out, fixed=fixed)
        run.prepare()
        run.resume()
        finished = run.loop(stop=stop, progress=progress)
        after = {} if held_out is None or not finished else agreement(run.encoder, held_out, fixed=fixed)
        metrics = {
            "plan": asdict(plan),
            "data_hash": run.data_hash,
            "base_model_hash": model_hash(find_model(plan.model)),
            "n_papers": len(lessons.texts.papers),
            "before": before,
            "after": after,
            "steps": run.step,
            "texts": run.n_pairs,
            "student_scales": run.scales,
            "train_s": round(run.seconds, 1),
            "last_loss": float(np.mean(run.losses[-20:])) if run.losses else None,
            "finished": finished,
        }
        if finished:
            save_trained(run.model, folder)
            replace_text(folder / "metrics.json", json.dumps(metrics, indent=1, sort_keys=True) + "\n")
            (work / CHECKPOINT).unlink(missing_ok=True)
    return Outcome(folder=folder, finished=finished, metrics=metrics)


def agreement(
    encoder: TrainableEncoder, lessons: Lessons, *, n_lessons: int = 2, fixed: Float32s | None = None
) -> dict[str, float]:
    """How far a student agrees with its teachers on lessons: means over rows of the loss and of Spearman's correlation.

    Parameters
    ----------
    fixed : float32, shape (n_papers, dim)
        Vectors of all papers of the lessons; None: the student encodes them.
    """
    was_training = encoder.module.training
    encoder.module.eval()
    values: dict[str, list[float]] = {"listwise": [], "spearman_queries": [], "spearman_papers": []}
    batches = lessons.batches(seed=0)
    with torch.inference_mode():
        for _ in range(n_lessons):
            batch = next(batches)
            queries = encoder.embed([lessons.texts.queries[row] for row in batch.queries])
            if fixed is None:
                papers = encoder.embed([lessons.texts.papers[row] for row in batch.papers])
            else:
                papers = torch.from_numpy(fixed[batch.papers]).to(queries.device)
            of_queries = all_cosines(queries, papers).cpu()
            theirs = torch.from_numpy(batch.of_queries)
            used = torch.ones_like(theirs, dtype=torch.bool)
            values["listwise"].append(float(listwise_loss_tensor(of_queries, theirs, used)))
            between = all_cosines(papers, papers).cpu().numpy()
            values["spearman_queries"] += list(map(spearman, of_queries.numpy(), batch.of_queries))
            values["spearman_papers"] += list(map(spearman, between, batch.between_papers))
    encoder.module.train(was_training)
    return {name: float(np.mean(rows)) for name, rows in values.items()}


def _check(plan: StudentPlan, start_vectors: Float32s | None) -> None:
    if plan.loss not in TEACHING_LOSSES or plan.side not in SIDES:
        raise ShapeError(
            f"The loss of a student must be one of {', '.join(TEACHING_LOSSES)} and its side one of {', '.join(SIDES)},"
            f" got {plan.loss!r} and {plan.side!r}."
        )
    if plan.side == "queries" and start_vectors is None:
        raise ShapeError(
            f"A student of queries needs the vectors of papers by the base of {plan.model}: embed them with it as one"
            " of the teachers."
        )


def _fitted_scales(
    plan: StudentPlan, encoder: TrainableEncoder, lessons: Lessons, *, fixed: Float32s | None
) -> tuple[float, float]:
    """Scales of the student's cosines of queries with papers, and of papers with papers."""
    if not plan.fit_scale:
        return STUDENT_SCALE * plan.sharpness, STUDENT_SCALE * plan.sharpness
    is_fixed = plan.side == "queries"
    lesson = next(lessons.of_queries(seed=plan.seed) if is_fixed else lessons.batches(seed=plan.seed))
    encoder.module.eval()
    with torch.inference_mode():
        queries = encoder.embed([lessons.texts.queries[row] for row in lesson.queries])
        if is_fixed and fixed is not None:
            papers = torch.from_numpy(fixed[lesson.papers]).to(queries.device)
        else:
            papers = encoder.embed([lessons.texts.papers[row] for row in lesson.papers])
        teacher_scale = TEACHER_SCALE * plan.sharpness
        by_query = torch.from_numpy(lesson.of_queries)
        used = torch.ones_like(by_query, dtype=torch.bool)
        of_queries = fitted_scale(all_cosines(queries, papers).cpu(), by_query, used, teacher_scale=teacher_scale)
        if is_fixed:
            return of_queries, of_queries
        others = ~torch.eye(len(papers), dtype=torch.bool)
        between = all_cosines(papers, papers).cpu(), torch.from_numpy(lesson.between_papers), others
        return of_queries, fitted_scale(*between, teacher_scale=teacher_scale)


def _freeze_layers(module: Any, n_layers: int) -> None:
    """Exclude the embeddings and the first layers of the transformer from training."""
    if not n_layers:
        return
    base = module[0].model.base_model
    layers = base.encoder.layer
    if not 0 < n_layers < len(layers):
        raise ShapeError(f"Of {len(layers)} layers, at least one must be trained; {n_layers} are to be frozen.")
    for part in (base.embeddings, *layers[:n_layers]):
        for parameter in part.parameters():
            parameter.requires_grad_(False)


def _hash(lessons: Lessons) -> str:
    """SHA-256 of the texts, and of what the teachers say of the first ones."""
    digest = hashlib.sha256()
    for text in (*lessons.texts.papers, *lessons.texts.queries):
        digest.update(f"{text}\0".encode("utf-8", "surrogatepass"))
    few = np.arange(min(16, len(lessons.texts.papers)))
    digest.update(np.round(lessons.panel.between_papers(few, few), 2).tobytes())
    return digest.hexdigest()
