from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from rerank.errors import ArtifactBroken
from rerank.training.runs import Plan
from rerank.training.steps import CHECKPOINT
from rerank.training.training import train
from tests.rerank.training.topics import plan_for, topic_lists, weights_of


def test_the_curve_has_a_point_every_so_many_steps_and_changes_nothing(encoder_folder: Path, tmp_path: Path) -> None:
    plan = plan_for(encoder_folder, kind="encoder", n_steps=10, evaluate_every=5)
    with_curve = train(plan, topic_lists(), topic_lists(12), folder=tmp_path / "with")
    without = train(replace(plan, evaluate_every=0), topic_lists(), topic_lists(12), folder=tmp_path / "without")
    assert [point["step"] for point in with_curve.metrics["curve"]] == [5, 10]
    assert with_curve.metrics["curve"][0]["loss"] > 0
    assert with_curve.metrics["curve"][0]["dev"].keys() == with_curve.metrics["after"].keys()
    assert with_curve.metrics["after"] == without.metrics["after"]
    assert without.metrics["curve"] == []
    first, second = weights_of(tmp_path / "with"), weights_of(tmp_path / "without")
    assert all(torch.equal(weight, second[name]) for name, weight in first.items())


def test_the_same_seed_gives_the_same_weights(cross_encoder_folder: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        train(plan_for(cross_encoder_folder, n_steps=6, dropout=0.1), topic_lists(), [], folder=tmp_path / name)
    train(plan_for(cross_encoder_folder, n_steps=6, dropout=0.1, seed=1), topic_lists(), [], folder=tmp_path / "c")
    first, again, other = (weights_of(tmp_path / name) for name in "abc")
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_a_stopped_training_resumes_to_the_same_weights(cross_encoder_folder: Path, tmp_path: Path) -> None:
    plan = plan_for(cross_encoder_folder, n_steps=12, dropout=0.1)

    def stop_after_five(now: dict[str, Any]) -> None:
        if now["step"] == 5:
            signal.raise_signal(signal.SIGTERM)

    stopped = train(plan, topic_lists(), [], folder=tmp_path / "a", progress=stop_after_five)
    assert not stopped.finished
    assert not (tmp_path / "a").exists()
    steps = []
    resumed = train(
        plan, topic_lists(), [], folder=tmp_path / "a", resume=True, progress=lambda now: steps.append(now["step"])
    )
    assert resumed.finished
    assert steps == list(range(6, 13))
    train(plan, topic_lists(), [], folder=tmp_path / "b")
    first, again = weights_of(tmp_path / "a"), weights_of(tmp_path / "b")
    assert all(torch.equal(first[name], again[name]) for name in first)


def stopped_run(folder: Path, tmp_path: Path) -> Plan:
    plan = plan_for(folder, n_steps=9)
    stop = lambda now: signal.raise_signal(signal.SIGTERM)  # noqa: E731
    train(plan, topic_lists(), [], folder=tmp_path / "a", progress=stop)
    return plan


def test_a_checkpoint_of_another_plan_or_data_is_refused(cross_encoder_folder: Path, tmp_path: Path) -> None:
    stopped_run(cross_encoder_folder, tmp_path)
    other = plan_for(cross_encoder_folder, n_steps=9, lr=1e-4)
    with pytest.raises(ArtifactBroken, match="another plan"):
        train(other, topic_lists(), [], folder=tmp_path / "a", resume=True)


def test_a_truncated_checkpoint_is_reported(cross_encoder_folder: Path, tmp_path: Path) -> None:
    plan = stopped_run(cross_encoder_folder, tmp_path)
    path = tmp_path / "a.work" / CHECKPOINT
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ArtifactBroken, match="without --resume"):
        train(plan, topic_lists(), [], folder=tmp_path / "a", resume=True)
