from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from rerank.encoders.encoder import Encoder
from rerank.errors import ArtifactBroken, ShapeError
from rerank.teaching.lessons import Lessons
from rerank.teaching.student import StudentPlan, teach
from rerank.training.training import Outcome
from tests.rerank.teaching.world import lessons_in
from tests.rerank.training.topics import weights_of


def plan_for(folder: Path, **more: Any) -> StudentPlan:
    return StudentPlan(model=str(folder), **{"n_steps": 40, "n_papers": 16, "lr": 2e-3, "max_tokens": 48, **more})


def taught(plan: StudentPlan, lessons: Lessons, folder: Path, **more: Any) -> Outcome:
    vectors = Encoder(plan.model, dtype="float32", max_tokens=plan.max_tokens).encode(lessons.texts.papers)
    return teach(
        plan,
        lessons,
        folder=folder,
        held_out=lessons,
        start_vectors=vectors,
        held_out_vectors=vectors,
        device="cpu",
        **more,
    )


@pytest.mark.parametrize("loss", ["listwise", "graded", "both"])
def test_training_moves_the_student_to_the_teachers_order_of_real_papers(
    encoder_folder: Path, tmp_path: Path, loss: str
) -> None:
    metrics = taught(plan_for(encoder_folder, loss=loss), lessons_in(tmp_path), tmp_path / "student").metrics
    before, after = metrics["before"], metrics["after"]
    assert after["spearman_queries"] > before["spearman_queries"] + 0.1
    assert after["spearman_papers"] > before["spearman_papers"] + 0.1
    assert after["listwise"] < before["listwise"]


def test_queries_learn_against_papers_whose_vectors_are_fixed(encoder_folder: Path, tmp_path: Path) -> None:
    plan = plan_for(encoder_folder, side="queries", n_queries=16, sharpness=2.0)
    metrics = taught(plan, lessons_in(tmp_path, n_queries=16), tmp_path / "student").metrics
    before, after = metrics["before"], metrics["after"]
    assert after["spearman_queries"] > before["spearman_queries"] + 0.1
    assert after["spearman_papers"] == pytest.approx(before["spearman_papers"])


def test_the_scale_of_a_trained_student_can_be_fitted(encoder_folder: Path, tmp_path: Path) -> None:
    lessons = lessons_in(tmp_path)
    first = taught(plan_for(encoder_folder), lessons, tmp_path / "first")
    fixed, fitted = (
        taught(plan_for(first.folder, n_steps=1, lr=1e-6, fit_scale=fit), lessons, tmp_path / f"{fit}").metrics
        for fit in (False, True)
    )
    assert fixed["student_scales"] == (20.0, 20.0)
    assert fitted["student_scales"] != fixed["student_scales"]
    assert fitted["last_loss"] < fixed["last_loss"]


def test_the_folder_is_an_encoder_of_this_library(encoder_folder: Path, tmp_path: Path) -> None:
    outcome = taught(plan_for(encoder_folder, n_steps=2, lora_rank=4), lessons_in(tmp_path), tmp_path / "student")
    encoder = Encoder(outcome.folder, dtype="float32")
    assert encoder.encode(["graph networks"]).shape == (1, 32)
    assert encoder.model_hash != Encoder(encoder_folder, dtype="float32").model_hash
    assert not (tmp_path / "student.work" / "checkpoint.pt").exists()


def test_a_stopped_run_goes_on_to_the_same_weights(encoder_folder: Path, tmp_path: Path) -> None:
    lessons, plan = lessons_in(tmp_path), plan_for(encoder_folder, n_steps=6)

    def stop_after_three(now: dict[str, float]) -> None:
        if now["step"] == 3:
            signal.raise_signal(signal.SIGTERM)

    assert not taught(plan, lessons, tmp_path / "a", progress=stop_after_three).finished
    assert not (tmp_path / "a").exists()
    steps: list[float] = []
    assert taught(plan, lessons, tmp_path / "a", progress=lambda now: steps.append(now["step"])).finished
    assert steps == [4, 5, 6]
    taught(plan, lessons, tmp_path / "b")
    first, second = weights_of(tmp_path / "a"), weights_of(tmp_path / "b")
    assert all(torch.equal(weight, second[name]) for name, weight in first.items())


def test_a_checkpoint_of_another_plan_is_refused(encoder_folder: Path, tmp_path: Path) -> None:
    lessons = lessons_in(tmp_path)
    stop = lambda now: signal.raise_signal(signal.SIGTERM)  # noqa: E731
    taught(plan_for(encoder_folder, n_steps=6), lessons, tmp_path / "a", progress=stop)
    with pytest.raises(ArtifactBroken, match="another plan"):
        taught(plan_for(encoder_folder, n_steps=6, lr=1e-4), lessons, tmp_path / "a")


def test_frozen_layers_do_not_change(encoder_folder: Path, tmp_path: Path) -> None:
    taught(plan_for(encoder_folder, n_steps=2, frozen_layers=1), lessons_in(tmp_path), tmp_path / "a")
    taught(plan_for(encoder_folder, n_steps=2, lr=1e-9), lessons_in(tmp_path), tmp_path / "b")
    trained, start = weights_of(tmp_path / "a"), weights_of(tmp_path / "b")
    changed = {name for name, weight in trained.items() if not torch.allclose(weight, start[name], atol=1e-6)}
    assert changed
    assert all(".layer.1." in name or name.startswith("layer.1.") or "pooler" in name for name in changed)


@pytest.mark.parametrize("more", [{"loss": "guess"}, {"side": "left"}, {"frozen_layers": 2}])
def test_plans_that_cannot_run_are_refused(encoder_folder: Path, tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(ShapeError):
        taught(plan_for(encoder_folder, **more), lessons_in(tmp_path), tmp_path / "a")


def test_fixed_papers_need_vectors(encoder_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="vectors of papers"):
        teach(plan_for(encoder_folder, side="queries"), lessons_in(tmp_path), folder=tmp_path / "a", device="cpu")
