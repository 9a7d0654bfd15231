from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rerank.encoders.encoder import Encoder, unit_rows
from rerank.encoders.tokens import Batch
from rerank.encoders.torch_model import TorchModel
from rerank.errors import ModelBroken, ModelMissing, ScoresNotFinite


@pytest.fixture(scope="module", params=["onnx", "torch"])
def encoder(request: pytest.FixtureRequest, encoder_folder: Path) -> Encoder:
    return Encoder(encoder_folder, inference=request.param, dtype="float32")


def test_vectors_are_those_of_sentence_transformers(
    encoder: Encoder, encoder_folder: Path, sentences: Callable[..., list[str]]
) -> None:
    from sentence_transformers import SentenceTransformer

    texts = sentences(40, seed=1)
    theirs = SentenceTransformer(str(encoder_folder), device="cpu").encode(texts, normalize_embeddings=True)
    assert np.abs(encoder.encode(texts) - theirs).max() < 1e-5
    assert encoder.dim == 32


def test_vectors_have_length_one(encoder: Encoder, sentences: Callable[..., list[str]]) -> None:
    norms = np.linalg.norm(encoder.encode(["", *sentences(10, seed=2)]), axis=1)
    assert norms == pytest.approx(np.ones(11), abs=1e-5)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, 32)


def test_the_limit_is_the_models_own_or_less(encoder_folder: Path) -> None:
    assert Encoder(encoder_folder, dtype="float32").max_tokens == 48
    assert Encoder(encoder_folder, dtype="float32", max_tokens=9999).max_tokens == 48
    assert Encoder(encoder_folder, dtype="float32", max_tokens=12).max_tokens == 12


@pytest.mark.parametrize(
    ("inference", "error"),
    [("onnx", MemoryError()), ("torch", torch.cuda.OutOfMemoryError("CUDA out of memory"))],
)
def test_a_full_card_halves_the_batch_and_goes_on(
    inference: str,
    error: Exception,
    encoder_folder: Path,
    sentences: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = Encoder(encoder_folder, inference=inference, dtype="float32", batch_tokens=48 * 16)
    texts = sentences(30, seed=3)
    expected = encoder.encode(texts)
    model = encoder._document_model()
    whole = model.forward

    def small_card(batch: Batch) -> Any:
        if len(batch.input_ids) > 3:
            raise error
        return whole(batch)

    monkeypatch.setattr(model, "forward", small_card)
    assert np.abs(encoder.encode(texts) - expected).max() < 1e-5


def test_nan_vectors_are_an_error(encoder_folder: Path) -> None:
    encoder = Encoder(encoder_folder, inference="torch", dtype="float32")
    model = encoder._document_model()
    assert isinstance(model, TorchModel)
    with torch.no_grad():
        model.module[0].model.embeddings.LayerNorm.bias.fill_(float("nan"))
    with pytest.raises(ScoresNotFinite, match="1 of 1"):
        encoder.encode(["graph"])


def test_a_missing_or_broken_folder_is_reported(encoder_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        Encoder(tmp_path / "nowhere")
    broken = shutil.copytree(encoder_folder, tmp_path / "broken")
    (broken / "config.json").write_text("{}")
    with pytest.raises(ModelBroken):
        Encoder(broken)


def test_a_row_of_zeros_stays() -> None:
    assert unit_rows(np.array([[0.0, 0.0], [0.0, 2.0]])).tolist() == [[0.0, 0.0], [0.0, 1.0]]
