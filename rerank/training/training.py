"""Training of encoders and cross-encoders into model folders. Start at :func:`train`.

Training writes a model folder with ``metrics.json``: the measures before and after, the plan, the hash of the data and
the versions.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rerank.artifacts import build_lock, replace_text
from rerank.encoders.devices import choose_device
from rerank.encoders.loading import plain_logging
from rerank.errors import ShapeError
from rerank.stopping import stop_on_signal
from rerank.training.measure import evaluate_lists
from rerank.training.runs import Plan, TrainingRun
from rerank.training.steps import CHECKPOINT, Progress
from rerank.training.trainable_models import save_trained
from rerank.training.training_data import GradedList

PRECISIONS = ("auto", "bf16", "fp32")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of training: the folder, whether it ran to the end, and the content of ``metrics.json``."""

    folder: Path
    finished: bool
    metrics: dict[str, Any]


def train(
    plan: Plan,
    lists: Sequence[GradedList],
    dev_lists: Sequence[GradedList],
    *,
    folder: Path,
    vectors: Sequence[Path] = (),
    device: str = "auto",
    resume: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Train a model and write its folder.

    Parameters
    ----------
    folder
        Folder of the trained model. Until training is finished, ``<folder>.work`` holds the checkpoint.
    vectors
        For a query encoder: folders of vectors of its base. Texts found there are not embedded, and any of the vectors
        can be a random negative.
    resume
        Continue from the checkpoint, if there is one.
    progress
        Called after each step with ``step, loss, rate, pairs, pairs_per_s``.

    Raises
    ------
    TrainingDataError
        If there is no data, or all labels are equal.
    ArtifactBroken
        If the checkpoint belongs to another plan or other data.
    BuildRunning
        If another process trains into the same folder.
    ShapeError
        If options of the plan cannot be combined.
    """
    if plan.precision not in PRECISIONS:
        raise ShapeError(f"Unknown precision {plan.precision!r}; known are {', '.join(PRECISIONS)}.")
    work = folder.with_name(f"{folder.name}.work")
    with build_lock(work), stop_on_signal() as stop, plain_logging():
        run = TrainingRun(plan, lists, dev_lists, work=work, vectors=vectors, device=choose_device(device))
        before = evaluate_lists(run.model, dev_lists, half=run.half)
        run.prepare()
        if resume:
            run.resume()
        finished = run.loop(stop=stop, progress=progress)
        is_evaluated = bool(run.curve) and run.curve[-1]["step"] == run.step
        after = run.curve[-1]["dev"] if is_evaluated else evaluate_lists(run.model, dev_lists, half=run.half)
        metrics = _metrics(plan, run, before=before, after=after, finished=finished)
        if finished:
            save_trained(run.model, folder)
            replace_text(folder / "metrics.json", json.dumps(metrics, indent=1, sort_keys=True) + "\n")
            (work / CHECKPOINT).unlink(missing_ok=True)
    return Outcome(folder=folder, finished=finished, metrics=metrics)


def _metrics(
    plan: Plan, run: TrainingRun, *, before: dict[str, float], after: dict[str, float], finished: bool
) -> dict[str, Any]:
    import sentence_transformers
    import transformers

    return {
        "plan": asdict(plan),
        "data_hash": run.data_hash,
        "base_model_hash": run.model_hash,
        "n_lists": len(run.lists),
        "before": before,
        "after": after,
        "curve": run.curve,
        "finished": finished,
        "steps": run.step,
        "pairs": run.n_pairs,
        "train_s": round(run.seconds, 1),
        "last_loss": float(np.mean(run.losses[-50:])) if run.losses else None,
        "device": run.device,
        "mixed_precision": run.half,
        "versions": {
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "sentence-transformers": sentence_transformers.__version__,
        },
    }
