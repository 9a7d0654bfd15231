from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from rerank.encoders.bert_weights import read_bert
from rerank.encoders.onnx_graph import write_graph
from rerank.errors import ModelBroken


@pytest.mark.parametrize("dtype", ["float32", "int8"])
@pytest.mark.parametrize("is_pair", [False, True])
def test_a_graph_is_valid_and_as_large_as_its_weights(
    dtype: str, is_pair: bool, encoder_folder: Path, cross_encoder_folder: Path
) -> None:
    bert = read_bert(cross_encoder_folder if is_pair else encoder_folder, is_pair=is_pair)
    content = write_graph(bert, dtype=dtype)
    graph = onnx.load_from_string(content).graph
    assert [value.name for value in graph.input] == ["words", "attention_mask", "token_type_ids"]
    has_integers = any(node.op_type == "MatMulIntegerToFloat" for node in graph.node)
    assert has_integers == (dtype == "int8")
    names = [name for node in graph.node for name in node.output]
    assert len(names) == len(set(names))


def test_weights_in_8_bits_are_a_quarter_of_the_size(encoder_folder: Path) -> None:
    bert = read_bert(encoder_folder, is_pair=False)
    stored = {
        dtype: sum(
            len(weight.raw_data) for weight in onnx.load_from_string(write_graph(bert, dtype=dtype)).graph.initializer
        )
        for dtype in ("float32", "int8")
    }
    positions = 4 * 66 * 32  # types and positions stay in fp32
    assert stored["int8"] - positions < 0.45 * (stored["float32"] - positions)  # small layers have many steps


def test_the_last_layer_of_a_score_is_computed_for_the_first_token(cross_encoder_folder: Path) -> None:
    graph = onnx.load_from_string(write_graph(read_bert(cross_encoder_folder, is_pair=True), dtype="float32")).graph
    assert sum(node.op_type == "Slice" for node in graph.node) == 2  # of positions, and of the first token


@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_a_missing_weight_is_named(dtype: str, encoder_folder: Path) -> None:
    bert = read_bert(encoder_folder, is_pair=False)
    name = "encoder.layer.1.output.dense.weight"
    tensors = {key: tensor for key, tensor in bert.tensors.items() if key != name}
    with pytest.raises(ModelBroken, match=name):
        write_graph(dataclasses.replace(bert, tensors=tensors), dtype=dtype)


def test_weights_that_are_no_numbers_are_refused_in_8_bits(
    encoder_folder: Path, sentences: Callable[..., list[str]]
) -> None:
    bert = read_bert(encoder_folder, is_pair=False)
    name = "encoder.layer.0.intermediate.dense.weight"
    broken = np.full_like(bert.tensors[name], np.nan)
    with pytest.raises(ModelBroken, match="finite"):
        write_graph(dataclasses.replace(bert, tensors={**bert.tensors, name: broken}), dtype="int8")
