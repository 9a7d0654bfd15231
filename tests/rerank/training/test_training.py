from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rerank.artifacts import build_lock
from rerank.encoders.cross_encoder import CrossEncoder
from rerank.encoders.encoder import Encoder
from rerank.errors import BuildRunning, ShapeError, TrainingDataError
from rerank.training.objectives import COMPARISONS, PAIR_LOSSES, SCORE_LOSSES
from rerank.training.training import train
from rerank.training.training_data import GradedList
from rerank.vectors.vector_store import VectorFolder
from tests.rerank.training.topics import TOPICS, as_pairs, plan_for, topic_lists, weights_of


@pytest.mark.parametrize("loss", SCORE_LOSSES)
def test_a_cross_encoder_learns_the_order_with_every_loss(
    loss: str, cross_encoder_folder: Path, tmp_path: Path
) -> None:
    lists = topic_lists()
    outcome = train(plan_for(cross_encoder_folder, loss=loss), lists, lists[:12], folder=tmp_path / "out")
    assert outcome.finished
    assert outcome.metrics["after"]["order_accuracy"] > max(0.8, outcome.metrics["before"]["order_accuracy"])
    written = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert written["plan"]["loss"] == loss
    assert written["data_hash"] == outcome.metrics["data_hash"]
    model = CrossEncoder(tmp_path / "out", dtype="float32", max_tokens=24)
    scores = model.score("prime numbers", ["prime numbers theory", "speech translation theory"])
    assert scores[0] > scores[1]


def test_an_encoder_learns_the_order(encoder_folder: Path, tmp_path: Path) -> None:
    lists = topic_lists()
    outcome = train(plan_for(encoder_folder, kind="encoder"), lists, lists[:12], folder=tmp_path / "out")
    assert outcome.metrics["after"]["order_accuracy"] > outcome.metrics["before"]["order_accuracy"]
    assert Encoder(tmp_path / "out", dtype="float32").encode(["prime"]).shape == (1, 32)


@pytest.mark.parametrize("loss", PAIR_LOSSES)
def test_an_encoder_learns_from_pairs_with_every_loss(loss: str, encoder_folder: Path, tmp_path: Path) -> None:
    losses = []
    outcome = train(
        plan_for(encoder_folder, kind="encoder", loss=loss, lists_per_batch=24),
        as_pairs(topic_lists()),
        topic_lists(12),
        folder=tmp_path / "out",
        progress=lambda now: losses.append(now["loss"]),
    )
    assert np.mean(losses[-6:]) < np.mean(losses[:6])
    if loss != "softmax":  # it trains a classifier of the vectors, not their cosine
        assert outcome.metrics["after"]["order_accuracy"] > outcome.metrics["before"]["order_accuracy"]
    # without the classifier that softmax trains in addition
    assert set(weights_of(tmp_path / "out")) == set(weights_of(encoder_folder))


@pytest.mark.parametrize("compare", COMPARISONS)
def test_an_encoder_learns_from_the_other_texts_of_a_batch(compare: str, encoder_folder: Path, tmp_path: Path) -> None:
    one_text = [GradedList(item.query, item.texts[:1], (2.0,)) for item in topic_lists()]
    plan = plan_for(encoder_folder, kind="encoder", in_batch=True, compare=compare)
    outcome = train(plan, [*one_text, GradedList("a", ("b",), (0.0,))], topic_lists(12), folder=tmp_path / "out")
    assert outcome.metrics["after"]["order_accuracy"] > outcome.metrics["before"]["order_accuracy"]


def one_label(n: int = 48) -> list[GradedList]:
    """Lists with the relevant text only; all other texts are negatives."""
    return [GradedList(item.query, item.texts[:1], (2.0,)) for item in topic_lists(n)]


@pytest.fixture
def paper_vectors(encoder_folder: Path, tmp_path: Path) -> Path:
    encoder = Encoder(encoder_folder, dtype="float32", device="cpu", max_tokens=24)
    texts = sorted({text for item in topic_lists() for text in item.texts})
    vectors = VectorFolder(tmp_path / "vectors", encoder.name, encoder.model_hash)
    vectors.update(texts, texts, encode=encoder.encode)
    return tmp_path / "vectors"


def test_a_query_encoder_learns_against_vectors_that_stay(
    encoder_folder: Path, paper_vectors: Path, tmp_path: Path
) -> None:
    plan = plan_for(encoder_folder, kind="query-encoder", in_batch=True, compare="query", n_negatives=8)
    outcome = train(plan, one_label(), topic_lists(12), folder=tmp_path / "out", vectors=[paper_vectors])
    assert outcome.metrics["after"]["order_accuracy"] > max(0.9, outcome.metrics["before"]["order_accuracy"])
    base = Encoder(encoder_folder, dtype="float32", device="cpu", max_tokens=24)
    trained = Encoder(tmp_path / "out", dtype="float32", device="cpu", max_tokens=24)
    texts = [item.texts[0] for item in topic_lists(4)]
    assert (trained.encode(list(TOPICS)) @ base.encode(texts).T).argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_a_stopped_query_encoder_draws_the_same_random_texts_again(
    encoder_folder: Path, paper_vectors: Path, tmp_path: Path
) -> None:
    plan = plan_for(encoder_folder, kind="query-encoder", in_batch=True, compare="query", n_negatives=3, n_steps=8)

    def stop_after_three(now: dict[str, Any]) -> None:
        if now["step"] == 3:
            signal.raise_signal(signal.SIGTERM)

    run: dict[str, Any] = {"folder": tmp_path / "a", "vectors": [paper_vectors]}
    assert not train(plan, one_label(), [], progress=stop_after_three, **run).finished
    assert train(plan, one_label(), [], resume=True, **run).finished
    train(plan, one_label(), [], folder=tmp_path / "b", vectors=[paper_vectors])
    first, again = weights_of(tmp_path / "a"), weights_of(tmp_path / "b")
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_vectors_and_random_texts_are_for_query_encoders(
    encoder_folder: Path, paper_vectors: Path, tmp_path: Path
) -> None:
    cases: list[dict[str, Any]] = [{"vectors": [paper_vectors]}, {"n_negatives": 8}]
    for more in cases:
        plan = plan_for(encoder_folder, kind="encoder", n_negatives=more.get("n_negatives", 0))
        with pytest.raises(ShapeError, match="query-encoder"):
            train(plan, topic_lists(), [], folder=tmp_path / "out", vectors=more.get("vectors", ()))


def test_frozen_embeddings_stay_as_they_are(cross_encoder_folder: Path, tmp_path: Path) -> None:
    train(plan_for(cross_encoder_folder, freeze_embeddings=True), topic_lists(), [], folder=tmp_path / "out")
    before, after = weights_of(cross_encoder_folder), weights_of(tmp_path / "out")
    moved = {name for name, weight in before.items() if not torch.equal(weight, after[name])}
    assert moved
    assert not any("embeddings" in name for name in moved)


@pytest.mark.parametrize(
    "more",
    [
        {"lora_rank": 4, "lora_plus": True},
        {"lora_rank": 4, "lora_init": "lora-ga"},
        {"optimizer": "tiger", "lr": 1e-3},
        {"schedule": "inverse-time"},
        {"precision": "bf16"},
        {"dropout": 0.1},
        {"layers": 1},
        {"freeze_embeddings": True},
        {"compare": "query"},
    ],
    ids=str,
)
def test_every_option_lowers_the_loss(more: dict[str, Any], cross_encoder_folder: Path, tmp_path: Path) -> None:
    losses = []
    outcome = train(
        plan_for(cross_encoder_folder, **more),
        topic_lists(),
        [],
        folder=tmp_path / "out",
        progress=lambda now: losses.append(now["loss"]),
    )
    assert outcome.finished
    assert len(losses) == 30
    assert np.mean(losses[-8:]) < np.mean(losses[:4])
    assert not (tmp_path / "out" / "adapter_model.safetensors").exists()


def test_labelled_pairs_train_as_lists_do(cross_encoder_folder: Path, tmp_path: Path) -> None:
    pairs = as_pairs(topic_lists())
    plan = plan_for(cross_encoder_folder, lists_per_batch=24)
    outcome = train(plan, pairs, topic_lists(12), folder=tmp_path / "out")
    assert outcome.metrics["after"]["order_accuracy"] > 0.8


def test_a_second_training_into_the_same_folder_is_refused(cross_encoder_folder: Path, tmp_path: Path) -> None:
    with build_lock(tmp_path / "a.work"), pytest.raises(BuildRunning):
        train(plan_for(cross_encoder_folder), topic_lists(), [], folder=tmp_path / "a")


def test_unusable_data_and_unknown_options_are_refused(cross_encoder_folder: Path, tmp_path: Path) -> None:
    equal = [GradedList("q", ("t",), (1.0,))] * 9
    with pytest.raises(TrainingDataError, match="no order"):
        train(plan_for(cross_encoder_folder), equal, [], folder=tmp_path / "a")
    with pytest.raises(TrainingDataError, match="no training data"):
        train(plan_for(cross_encoder_folder), [], [], folder=tmp_path / "a")
    with pytest.raises(ShapeError, match="mse"):
        train(plan_for(cross_encoder_folder, loss="mse"), topic_lists(), [], folder=tmp_path / "a")
