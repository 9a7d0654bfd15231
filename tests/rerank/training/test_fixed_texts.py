"""Fixed vectors of texts while the query encoder is trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from rerank.arrays import Float32s
from rerank.artifacts import content_hash
from rerank.encoders.encoder import Encoder
from rerank.errors import ModelMismatch, ShapeError
from rerank.training.fixed_texts import FixedTexts
from rerank.training.training_data import GradedList
from rerank.vectors.vector_store import VectorFolder

LISTS = [GradedList("graph", ("graph network", "prime gaps"), (2.0, 1.0)), GradedList("prime", ("prime gaps",), (2.0,))]


@pytest.fixture
def encoder(encoder_folder: Path) -> Encoder:
    return Encoder(encoder_folder, dtype="float32", device="cpu")


@pytest.fixture
def cached(encoder: Encoder, tmp_path: Path) -> Path:
    folder = tmp_path / "vectors"
    vectors = VectorFolder(folder, encoder.name, encoder.model_hash)
    vectors.update(["a", "b", "c"], ["graph network", "speech model", "old text"], encode=encoder.encode)
    vectors.update(["c"], ["quantum field"], encode=encoder.encode)
    return folder


def test_cached_vectors_are_reused_except_those_of_replaced_texts(encoder: Encoder, cached: Path) -> None:
    made: list[str] = []

    def encode(texts: Sequence[str]) -> Float32s:
        made.extend(texts)
        return encoder.encode(texts)

    fixed = FixedTexts.of(LISTS, folders=[cached], encode=encode, model_hash=encoder.model_hash)
    assert made == ["prime gaps"]
    texts = ["graph network", "speech model", "quantum field", "prime gaps"]
    assert fixed.vectors.shape == (4, encoder.dim)
    assert fixed.vectors[fixed.rows(texts)] == pytest.approx(encoder.encode(texts), abs=1e-3)  # stored in float16
    assert fixed.row("old text") == -1


def test_without_folders_all_texts_are_embedded_once(encoder: Encoder) -> None:
    fixed = FixedTexts.of(LISTS, folders=[], encode=encoder.encode, model_hash=encoder.model_hash)
    assert fixed.vectors.shape == (2, encoder.dim)
    assert fixed.rows(["prime gaps", "graph network"]).tolist() == [1, 0]


def test_excluded_texts_are_looked_up_among_the_known_ones(encoder: Encoder) -> None:
    fixed = FixedTexts.of(LISTS, folders=[], encode=encoder.encode, model_hash=encoder.model_hash)
    without = frozenset({content_hash("prime gaps"), content_hash("never seen")})
    assert fixed.excluded_rows(GradedList("graph", ("graph network",), (2.0,), without)) == [1]


def test_vectors_of_another_encoder_and_unknown_texts_are_refused(encoder: Encoder, cached: Path) -> None:
    with pytest.raises(ModelMismatch):
        FixedTexts.of(LISTS, folders=[cached], encode=encoder.encode, model_hash="0" * 64)
    fixed = FixedTexts(np.zeros((1, 4), dtype=np.float32), {})
    with pytest.raises(ShapeError, match="not among"):
        fixed.rows(["prime gaps"])


def test_random_rows_come_from_every_collection_alike() -> None:
    fixed = FixedTexts(np.zeros((1000, 2), dtype=np.float32), {}, ends=(990, 1000))
    torch.manual_seed(0)
    rows = fixed.random_rows(100)
    assert np.sum(rows < 990) == np.sum((rows >= 990) & (rows < 1000)) == 50
    torch.manual_seed(0)
    assert fixed.random_rows(100).tolist() == rows.tolist()
    whole = FixedTexts(np.zeros((7, 2), dtype=np.float32), {})
    assert set(whole.random_rows(200).tolist()) == set(range(7))
