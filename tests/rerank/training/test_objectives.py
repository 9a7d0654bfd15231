from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rerank.errors import ShapeError
from rerank.training.comparisons import label_matrix
from rerank.training.cosent import cosent_loss, smooth_recall_loss
from rerank.training.objectives import COMPARISONS, PAIR_LOSSES, SCORE_LOSSES, Objective
from rerank.training.pair_losses import LabelRange, angle_loss_tensor, softmax_loss_tensor
from rerank.training.trainable_models import TrainableEncoder, all_cosines, load_trainable
from rerank.training.training_data import GradedList

LISTS = [
    GradedList("graph networks", ("graph attention network", "prime gaps"), (2.0, 1.0)),
    GradedList("prime", ("prime numbers", "speech translation"), (2.0, 1.0)),
    GradedList("prime", ("prime gaps theorem", "quantum field"), (2.0, 0.5)),
    GradedList("prime gaps", ("gaps of prime numbers",), (2.0,)),
]


@pytest.fixture
def encoder(encoder_folder: Path) -> TrainableEncoder:
    model = load_trainable("encoder", encoder_folder, max_tokens=32)
    model.module.eval()
    assert isinstance(model, TrainableEncoder)
    return model


def own_scores(model: TrainableEncoder, item: GradedList) -> list[float]:
    with torch.no_grad():
        scores: list[float] = model.scores([item]).tolist()
    return scores


def test_every_score_of_the_batch_is_compared_with_every_other(encoder: TrainableEncoder) -> None:
    scores = [score for item in LISTS for score in own_scores(encoder, item)]
    labels = [label for item in LISTS for label in item.labels]
    value = Objective().value(encoder, LISTS)
    assert float(value.detach()) == pytest.approx(cosent_loss(scores, labels), rel=1e-4)


def test_by_query_is_the_mean_over_the_queries_that_have_an_order(encoder: TrainableEncoder) -> None:
    expected = np.mean([cosent_loss(own_scores(encoder, item), item.labels) for item in LISTS[:3]])
    value = Objective(compare="query").value(encoder, LISTS)
    assert float(value.detach()) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("compare", COMPARISONS)
def test_in_batch_scores_are_the_cosines_of_all_pairs(compare: str, encoder: TrainableEncoder) -> None:
    texts = tuple(text for item in LISTS for text in item.texts)
    full = [GradedList(item.query, texts, (0.0,) * len(texts)) for item in LISTS]
    scores = np.array([own_scores(encoder, item) for item in full])
    labels, used = label_matrix(LISTS, in_batch=True)
    rows = [(scores[row][used[row]], labels[row][used[row]]) for row in range(len(LISTS))]
    by_query = float(np.mean([cosent_loss(*row) for row in rows]))
    expected = by_query if compare == "query" else cosent_loss(scores[used], labels[used])
    value = Objective(compare=compare, in_batch=True).value(encoder, LISTS)
    assert float(value.detach()) == pytest.approx(expected, rel=1e-4)


def test_one_text_above_the_others_is_the_softmax_over_them(encoder: TrainableEncoder) -> None:
    lists = [GradedList("graph", ("graph network", "prime", "speech"), (1.0, 0.0, 0.0))]
    scores = torch.tensor(own_scores(encoder, lists[0])) * 20
    expected = torch.nn.functional.cross_entropy(scores[None, :], torch.tensor([0]))
    value = Objective(compare="query").value(encoder, lists)
    assert float(value.detach()) == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize("in_batch", [False, True])
def test_matryoshka_is_the_mean_over_truncated_vectors(in_batch: bool, encoder: TrainableEncoder) -> None:
    with torch.no_grad():
        queries, texts = encoder.vectors(LISTS)
    labels, used = label_matrix(LISTS, in_batch=in_batch)

    def loss_of(dim: int) -> float:
        cosines = all_cosines(queries[:, :dim], texts[:, :dim]).numpy()
        return cosent_loss(cosines[used], labels[used])

    value = Objective(in_batch=in_batch, dims=(32, 8)).value(encoder, LISTS)
    assert float(value.detach()) == pytest.approx((loss_of(32) + loss_of(8)) / 2, rel=1e-4)


def test_smooth_top_k_in_batch_is_the_mean_over_the_queries(
    encoder: TrainableEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rerank.training.objectives.SMOOTH_K", 2)
    with torch.no_grad():
        scores = all_cosines(*encoder.vectors(LISTS)).numpy() * 20
    labels, used = label_matrix(LISTS, in_batch=True)
    rows = [smooth_recall_loss(scores[at][used[at]], labels[at][used[at]] / 2, k=2) for at in range(len(LISTS))]
    value = Objective(loss="smooth-top-k", in_batch=True, labels_within=LabelRange(0, 2)).value(encoder, LISTS)
    assert float(value.detach()) == pytest.approx(float(np.mean(rows)), rel=1e-4)


@pytest.mark.parametrize("compare", COMPARISONS)
def test_gradients_are_finite_where_some_lists_have_no_order(compare: str, encoder: TrainableEncoder) -> None:
    Objective(compare=compare).value(encoder, LISTS).backward()
    gradients = [part.grad for part in encoder.module.parameters() if part.grad is not None]
    assert gradients
    assert all(torch.isfinite(gradient).all() for gradient in gradients)
    assert any(gradient.abs().sum() > 0 for gradient in gradients)


def test_mse_is_between_cosines_and_labels_moved_to_one_range(encoder: TrainableEncoder) -> None:
    scores = np.array([score for item in LISTS for score in own_scores(encoder, item)])
    shares = np.array([label for item in LISTS for label in item.labels]) / 4
    value = Objective(loss="mse", labels_within=LabelRange(0, 4)).value(encoder, LISTS)
    assert float(value.detach()) == pytest.approx(float(np.mean((scores - shares) ** 2)), rel=1e-4)


def test_without_a_known_range_the_labels_of_the_batch_are_spread(encoder: TrainableEncoder) -> None:
    with_range = Objective(loss="mse", labels_within=LabelRange(0.5, 2.0)).value(encoder, LISTS)
    assert float(Objective(loss="mse").value(encoder, LISTS).detach()) == pytest.approx(
        float(with_range.detach()), rel=1e-6
    )


def test_angle_and_softmax_are_of_the_embeddings_of_each_pair(encoder: TrainableEncoder) -> None:
    labels = [label for item in LISTS for label in item.labels]
    with torch.no_grad():
        queries, right = encoder.vectors(LISTS)
    left = queries[[0, 0, 1, 1, 2, 2, 3]]
    angle = Objective(loss="angle").value(encoder, LISTS)
    assert float(angle.detach()) == pytest.approx(float(angle_loss_tensor(left, right, torch.tensor(labels))), rel=1e-4)
    objective = Objective(loss="softmax", labels_within=LabelRange(0, 2)).with_classifier(encoder)
    expected = softmax_loss_tensor(left, right, torch.tensor([2, 1, 2, 1, 2, 1, 2]), classifier=objective.classifier)
    value = objective.value(encoder, LISTS)
    assert float(value.detach()) == pytest.approx(float(expected.detach()), rel=1e-4)


def test_softmax_requires_the_range_of_all_labels(encoder: TrainableEncoder) -> None:
    with pytest.raises(ShapeError, match="range of all labels"):
        Objective(loss="softmax").with_classifier(encoder)
    with pytest.raises(ShapeError, match="with_classifier"):
        Objective(loss="softmax", labels_within=LabelRange(0, 2)).value(encoder, LISTS)


@pytest.mark.parametrize("loss", PAIR_LOSSES)
def test_a_cross_encoder_refuses_losses_of_two_embeddings(loss: str, cross_encoder_folder: Path) -> None:
    model = load_trainable("cross-encoder", cross_encoder_folder, max_tokens=32)
    objective = Objective(loss=loss, labels_within=LabelRange(0, 2))
    with pytest.raises(ShapeError, match="cross-encoder has none"):
        objective.value(model, LISTS)
    with pytest.raises(ShapeError, match="cross-encoder has none"):
        objective.with_classifier(model)


@pytest.mark.parametrize("loss", SCORE_LOSSES)
def test_a_cross_encoder_has_every_loss_of_scores(loss: str, cross_encoder_folder: Path) -> None:
    model = load_trainable("cross-encoder", cross_encoder_folder, max_tokens=32)
    value = Objective(loss=loss).value(model, LISTS)
    assert torch.isfinite(value.detach())


@pytest.mark.parametrize("options", [{"in_batch": True}, {"dims": (16,)}], ids=str)
def test_a_cross_encoder_refuses_what_needs_vectors(options: dict[str, Any], cross_encoder_folder: Path) -> None:
    model = load_trainable("cross-encoder", cross_encoder_folder, max_tokens=32)
    with pytest.raises(ShapeError, match="for encoders"):
        Objective(**options).value(model, LISTS)


@pytest.mark.parametrize(
    "options",
    [{"loss": "hinge"}, {"compare": "list"}, {"loss": "cross-entropy", "in_batch": True}, {"dims": (0,)}],
    ids=str,
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ShapeError):
        Objective(**options)
