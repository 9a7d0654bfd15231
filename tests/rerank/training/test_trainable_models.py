from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rerank.encoders.cross_encoder import CrossEncoder
from rerank.encoders.encoder import Encoder
from rerank.errors import ModelMissing, ShapeError
from rerank.training.trainable_models import KINDS, add_lora, load_trainable, save_trained, set_dropout
from rerank.training.training_data import GradedList

LISTS = [
    GradedList("graph networks", ("graph attention network", "prime gaps", ""), (2.0, 1.0, 0.0)),
    GradedList("prime", ("prime numbers",), (1.0,)),
]


@pytest.fixture
def folder_of(cross_encoder_folder: Path, encoder_folder: Path) -> dict[str, Path]:
    return {"cross-encoder": cross_encoder_folder, "encoder": encoder_folder}


@pytest.mark.parametrize("kind", KINDS)
def test_training_scores_are_serving_scores(kind: str, folder_of: dict[str, Path]) -> None:
    model = load_trainable(kind, folder_of[kind], max_tokens=32)
    model.module.eval()
    with torch.no_grad():
        scores = model.scores(LISTS).numpy()
    pairs = [(item.query, text) for item in LISTS for text in item.texts]
    if kind == "cross-encoder":
        expected = CrossEncoder(folder_of[kind], dtype="float32", max_tokens=32).score_pairs(pairs)
    else:
        encoder = Encoder(folder_of[kind], dtype="float32", max_tokens=32)
        first, second = encoder.encode([a for a, _ in pairs]), encoder.encode([b for _, b in pairs])
        expected = np.einsum("nd,nd->n", first, second)
    assert scores == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_model_scores_as_the_trained_one(kind: str, folder_of: dict[str, Path], tmp_path: Path) -> None:
    model = load_trainable(kind, folder_of[kind], layers=1, max_tokens=32)
    model.module.eval()
    with torch.no_grad():
        before = model.scores(LISTS)
    save_trained(model, tmp_path / "out")
    save_trained(model, tmp_path / "out")  # over an older one
    again = load_trainable(kind, tmp_path / "out", max_tokens=32)
    again.module.eval()
    with torch.no_grad():
        assert again.scores(LISTS).tolist() == pytest.approx(before.tolist(), abs=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_cross_encoder_may_start_from_an_encoder(encoder_folder: Path) -> None:
    model = load_trainable("cross-encoder", encoder_folder, max_tokens=32)
    assert model.scores(LISTS).shape == (4,)


@pytest.mark.parametrize("kind", KINDS)
def test_lora_starts_as_the_model_and_trains_little(kind: str, folder_of: dict[str, Path], tmp_path: Path) -> None:
    model = load_trainable(kind, folder_of[kind], max_tokens=32)
    model.module.eval()
    with torch.no_grad():
        before = model.scores(LISTS)
    n_all = sum(param.numel() for param in model.module.parameters())
    add_lora(model, rank=2)
    model.module.eval()
    with torch.no_grad():
        assert model.scores(LISTS).tolist() == pytest.approx(before.tolist(), abs=1e-5)
    trained = {name: param for name, param in model.module.named_parameters() if param.requires_grad}
    assert sum(param.numel() for param in trained.values()) < n_all / 3
    assert any("lora_B" in name for name in trained)
    assert any("classifier" in name for name in trained) == (kind == "cross-encoder")
    with torch.no_grad():
        for name, param in trained.items():
            if "lora_B" in name:
                param.add_(0.1)
        changed = model.scores(LISTS)
    assert changed.tolist() != pytest.approx(before.tolist(), abs=1e-3)
    save_trained(model, tmp_path / "merged")
    again = load_trainable(kind, tmp_path / "merged", max_tokens=32)
    again.module.eval()
    with torch.no_grad():
        assert again.scores(LISTS).tolist() == pytest.approx(changed.tolist(), abs=1e-4)


def test_lora_ga_starts_along_the_gradient(cross_encoder_folder: Path) -> None:
    model = load_trainable("cross-encoder", cross_encoder_folder, max_tokens=32)
    add_lora(model, rank=2, init="lora-ga", gradient_step=lambda: model.scores(LISTS).sum().backward())
    b_side = [param for name, param in model.module.named_parameters() if "lora_B" in name]
    assert b_side
    assert all(float(param.detach().abs().sum()) > 0 for param in b_side)


def test_lora_requires_a_known_initialisation(cross_encoder_folder: Path) -> None:
    model = load_trainable("cross-encoder", cross_encoder_folder)
    for init in ("lora-ga", "pissa"):
        with pytest.raises(ShapeError, match="zero, lora-ga"):
            add_lora(model, rank=2, init=init)


def test_layers_are_cut_from_the_end(cross_encoder_folder: Path) -> None:
    model = load_trainable("cross-encoder", cross_encoder_folder, layers=1)
    transformer = model.module[0].model
    assert len(transformer.bert.encoder.layer) == transformer.config.num_hidden_layers == 1


def test_dropout_is_set_everywhere(cross_encoder_folder: Path) -> None:
    model = load_trainable("cross-encoder", cross_encoder_folder)
    set_dropout(model.module, share=0.0)
    model.module.train()
    with torch.no_grad():
        assert torch.equal(model.scores(LISTS), model.scores(LISTS))
    set_dropout(model.module, share=0.5)
    with torch.no_grad():
        assert not torch.equal(model.scores(LISTS), model.scores(LISTS))


def test_a_model_that_cannot_be_loaded_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        load_trainable("encoder", tmp_path / "nowhere")
    with pytest.raises(ShapeError, match="cross-encoder, encoder"):
        load_trainable("colbert", tmp_path)
