"""BERT as an ONNX graph, written from its weights: in fp32, or with products of 8-bit integers.

ONNX Runtime's own quantisation has one scale per tensor for activations. A few large values of BERT then leave hardly
any steps for the others: cosines with the exact vectors are .99. Here they stay above .999, at the same speed class:

- Each row (token) has its own scale, and each column of a weight.
- Columns after a layer norm are divided by a part of their expected size, and the rows of the weight multiplied by it
  (SmoothQuant, Xiao et al. 2023, arXiv:2211.10438). The expected size follows from the norm's weights, so no texts are
  needed.
- Queries, keys and values are computed from two 8-bit parts of their input, because they are the most sensitive.
- Outputs of GELU are at least -0.17. With that added they are not negative, and all 8 bits count upwards.
- A few of these outputs have weights up to a hundred times as large as the others; they are multiplied in fp32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from rerank.arrays import Float32s
from rerank.encoders.bert_weights import BertModel
from rerank.errors import ModelBroken

OUTPUT = "output"
_MICROSOFT = "com.microsoft"  # operators of ONNX Runtime itself
_OPSET, _IR_VERSION = 20, 10
_SMOOTHING = 0.5  # exponent of SmoothQuant
_GELU_MINIMUM = 0.17  # of its absolute value
_N_EXACT = 16  # outputs of GELU that are multiplied in fp32
_STEPS = 127.0  # largest 8-bit value with a sign
_MIDDLE, _LOW = np.array(128, np.uint8), np.array(0, np.uint8)  # zero points
_TINY = np.array(1e-12, np.float32)


def write_graph(model: BertModel, *, dtype: str) -> bytes:
    """An ONNX model that computes `model`.

    Its inputs are ``words``, float32 (n_rows, width, h), the vectors of the tokens; ``attention_mask`` and
    ``token_type_ids``, int64 (n_rows, width). Its output is float32 (n_rows, h), the sum of an encoder's token vectors
    or the vector of the first token; or (n_rows,), the logits of a cross-encoder.

    Parameters
    ----------
    dtype
        ``float32`` or ``int8``.

    Raises
    ------
    ModelBroken
        If a weight is missing, or not a finite number.
    """
    graph = _Graph(model, is_int8=dtype == "int8")
    try:
        hidden = graph.embed()
        mask = graph.add("Cast", "attention_mask", to=TensorProto.INT32)
        for layer in range(model.n_layers):
            is_last = layer == model.n_layers - 1
            hidden = graph.layer(hidden, mask, layer, first_only=is_last and model.pooling != "mean")
        graph.add_output(graph.pool(hidden))
    except KeyError as exc:
        raise ModelBroken(f"{model.name} has no weight {exc.args[0]}; copy the model folder again.") from exc
    return graph.serialized()


class _Graph:
    """Nodes and weights of a graph under construction. Methods take and return names of values."""

    def __init__(self, model: BertModel, *, is_int8: bool) -> None:
        self._model = model
        self._is_int8 = is_int8
        self._nodes: list[Any] = []
        self._weights: list[Any] = []
        self._norms: dict[str, str] = {}  # output of a layer norm: prefix of its weights
        self._one = self.constant(np.array(1, np.float32))

    def constant(self, array: Any) -> str:
        name = f"w{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        return self.add_many(operator, inputs, n_outputs=1, domain=domain, **attributes)[0]

    def add_many(
        self, operator: str, inputs: tuple[str, ...], *, n_outputs: int, domain: str = "", **attributes: Any
    ) -> list[str]:
        outputs = [f"v{len(self._nodes)}_{number}" for number in range(n_outputs)]
        self._nodes.append(helper.make_node(operator, inputs, outputs, domain=domain, **attributes))
        return outputs

    def add_output(self, value: str) -> None:
        self._nodes.append(helper.make_node("Identity", [value], [OUTPUT]))

    def serialized(self) -> bytes:
        width = int(self._model.words.shape[1])
        inputs = [helper.make_tensor_value_info("words", TensorProto.FLOAT, ["n", "w", width])]
        inputs += [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "w"])
            for name in ("attention_mask", "token_type_ids")
        ]
        output = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, None)
        graph = helper.make_graph(self._nodes, self._model.name, inputs, [output], self._weights)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        content: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION).SerializeToString()
        return content

    def embed(self) -> str:
        """Sum of word, type and position vectors, normalised: (n, w, h)."""
        types = self.add("Gather", self._tensor("embeddings.token_type_embeddings.weight"), "token_type_ids")
        first, width = self.constant(np.array([0])), self.add("Shape", "attention_mask", start=1, end=2)
        table = self._tensor("embeddings.position_embeddings.weight")
        positions = self.add("Slice", table, first, width, first)  # (w, h)
        prefix = "embeddings.LayerNorm"
        scale, shift = self._tensor(f"{prefix}.weight"), self._tensor(f"{prefix}.bias")
        summed = self.add("Add", self.add("Add", "words", types), positions)
        hidden = self.add("LayerNormalization", summed, scale, shift, axis=-1, epsilon=self._model.epsilon)
        self._norms[hidden] = prefix
        return hidden

    def layer(self, hidden: str, mask: str, number: int, *, first_only: bool) -> str:
        """One transformer layer, (n, w, h); with `first_only`, of the first token: (n, 1, h)."""
        prefix = f"encoder.layer.{number}"
        attended, residual = self._attend(hidden, mask, f"{prefix}.attention.self", first_only=first_only)
        after = f"{prefix}.attention.output"
        hidden = self._add_and_norm(self._dense(attended, f"{after}.dense"), residual, f"{after}.LayerNorm")
        inner = self._activated(self._dense(hidden, f"{prefix}.intermediate.dense"))
        outer = self._dense(inner, f"{prefix}.output.dense", is_gelu=True)
        return self._add_and_norm(outer, hidden, f"{prefix}.output.LayerNorm")

    def pool(self, hidden: str) -> str:
        if self._model.pooling == "mean":  # vectors are scaled to length 1 later: the sum does
            weights = self.add("Cast", "attention_mask", to=TensorProto.FLOAT)
            row = self.add("Unsqueeze", weights, self.constant(np.array([1])))  # (n, 1, w)
            hidden = self.add("MatMul", row, hidden)
        first = self.add("Squeeze", hidden, self.constant(np.array([1])))  # (n, h)
        if self._model.pooling != "score":
            return first
        pooled = self.add("Tanh", self._exact_dense(first, "pooler.dense"))
        return self.add("Squeeze", self._exact_dense(pooled, "classifier"), self.constant(np.array([1])))

    # ---- parts of a layer ----------------------------------------------------------------------------

    def _attend(self, hidden: str, mask: str, prefix: str, *, first_only: bool) -> tuple[str, str]:
        """Output of the attention heads, and the tokens that it belongs to."""
        heads, residual = [f"{prefix}.{part}" for part in ("query", "key", "value")], hidden
        if first_only:
            zero, one = self.constant(np.array([0])), self.constant(np.array([1]))
            residual = self.add("Slice", hidden, zero, one, one)
            self._norms[residual] = self._norms[hidden]
            query = self._product(residual, heads[:1], in_two_parts=True)
            key, value = self._split(self._product(hidden, heads[1:], in_two_parts=True), 2)
        else:
            query, key, value = self._split(self._product(hidden, heads, in_two_parts=True), 3)
        bias = self.constant(np.concatenate([self._model.tensors[f"{head}.bias"] for head in heads]))
        inputs = (query, key, value, bias, mask)
        attended = self.add("MultiHeadAttention", *inputs, domain=_MICROSOFT, num_heads=self._model.n_heads)
        return attended, residual

    def _split(self, value: str, n_parts: int) -> list[str]:
        return self.add_many("Split", (value,), n_outputs=n_parts, axis=-1, num_outputs=n_parts)

    def _dense(self, value: str, prefix: str, *, is_gelu: bool = False) -> tuple[str, str]:
        """A product and the bias that is still to be added."""
        bias = self._model.tensors[f"{prefix}.bias"]
        if not (is_gelu and self._is_int8):
            return self._product(value, [prefix]), self.constant(bias)
        product, shift = self._shifted_product(value, prefix)
        return product, self.constant(bias - shift)

    def _activated(self, dense: tuple[str, str]) -> str:
        return self.add("BiasGelu", *dense, domain=_MICROSOFT)

    def _add_and_norm(self, dense: tuple[str, str], residual: str, prefix: str) -> str:
        scale, shift = self._tensor(f"{prefix}.weight"), self._tensor(f"{prefix}.bias")
        inputs = (residual, dense[0], scale, shift, dense[1])
        normed = self.add("SkipLayerNormalization", *inputs, domain=_MICROSOFT, epsilon=self._model.epsilon)
        self._norms[normed] = prefix
        return normed

    def _exact_dense(self, value: str, prefix: str) -> str:
        weight = self.constant(self._model.tensors[f"{prefix}.weight"].T)
        return self.add("Add", self.add("MatMul", value, weight), self._tensor(f"{prefix}.bias"))

    def _tensor(self, name: str) -> str:
        return self.constant(self._model.tensors[name])

    # ---- products ------------------------------------------------------------------------------------

    def _product(self, value: str, prefixes: list[str], *, in_two_parts: bool = False) -> str:
        """`value` times the joined weights of `prefixes`, without their biases."""
        parts = [self._model.tensors[f"{prefix}.weight"].T for prefix in prefixes]
        weight = np.concatenate(parts, axis=1)  # (k, n)
        if not self._is_int8:
            return self.add("MatMul", value, self.constant(weight))
        if value in self._norms:
            sizes = self._smoothing(self._norms[value], weight)  # (k,)
            value, weight = self.add("Mul", value, self.constant(1 / sizes)), weight * sizes[:, None]
        scale = self._row_scale(self.add("Abs", value), steps=_STEPS)
        scaled, middle = self.add("Div", value, scale), self.constant(_MIDDLE)
        integers = self.add("QuantizeLinear", scaled, self._one, middle)
        columns = self._columns(weight)
        product = self._integer_product(integers, columns, self._one, middle)
        if in_two_parts:  # the rest is at most half a step
            rest = self.add("Sub", scaled, self.add("DequantizeLinear", integers, self._one, middle))
            step = self.constant(np.array(0.5 / _STEPS, np.float32))
            fine = self.add("QuantizeLinear", rest, step, middle)
            product = self.add("Add", product, self._integer_product(fine, columns, step, middle))
        return self.add("Mul", product, scale)

    def _shifted_product(self, value: str, prefix: str) -> tuple[str, Float32s]:
        """The product of outputs of GELU plus 0.17, and what is to be subtracted from it, (n,)."""
        weight = self._model.tensors[f"{prefix}.weight"].T
        largest = np.argsort(-np.abs(weight).max(axis=1), kind="stable")[:_N_EXACT]
        exact = self.add("Gather", value, self.constant(largest), axis=-1)
        exact = self.add("MatMul", exact, self.constant(weight[largest]))
        others = weight.copy()
        others[largest] = 0
        shifted = self.add("Add", value, self.constant(np.array(_GELU_MINIMUM, np.float32)))
        scale = self._row_scale(shifted, steps=2 * _STEPS + 1)
        low = self.constant(_LOW)
        integers = self.add("QuantizeLinear", self.add("Div", shifted, scale), self._one, low)
        product = self._integer_product(integers, self._columns(others), self._one, low)
        rounded, column_scales = _rounded(others, name=self._model.name)
        shift: Float32s = _GELU_MINIMUM * (rounded.astype(np.float32) * column_scales).sum(axis=0)
        return self.add("Add", self.add("Mul", product, scale), exact), shift

    def _integer_product(self, integers: str, columns: tuple[str, str], step: str, zero: str) -> str:
        inputs = (integers, columns[0], step, columns[1], zero)
        return self.add("MatMulIntegerToFloat", *inputs, domain=_MICROSOFT)

    def _row_scale(self, value: str, *, steps: float) -> str:
        """Step of each row whose largest value is `steps` steps, (n, w, 1)."""
        largest = self.add("ReduceMax", value, self.constant(np.array([-1])), keepdims=1)
        scale = self.add("Mul", largest, self.constant(np.array(1 / steps, np.float32)))
        return self.add("Max", scale, self.constant(_TINY))

    def _columns(self, weight: Float32s) -> tuple[str, str]:
        rounded, scales = _rounded(weight, name=self._model.name)
        return self.constant(rounded), self.constant(scales)

    def _smoothing(self, norm: str, weight: Float32s) -> Float32s:
        """Divisor of each column after a layer norm, (k,)."""
        scale, shift = (np.abs(self._model.tensors[f"{norm}.{part}"]) for part in ("weight", "bias"))
        expected = np.maximum(3 * scale + shift, 1e-5)  # three standard deviations
        sizes = expected**_SMOOTHING / np.maximum(np.abs(weight).max(axis=1), 1e-5) ** (1 - _SMOOTHING)
        smoothing: Float32s = (sizes / np.median(sizes)).astype(np.float32)
        return smoothing


def _rounded(weight: Float32s, *, name: str) -> tuple[Any, Float32s]:
    """Columns of a weight (k, n) as int8, and their steps (n,)."""
    if not np.isfinite(weight).all():
        raise ModelBroken(f"{name} has weights that are no finite numbers; copy the model folder again.")
    scales = np.maximum(np.abs(weight).max(axis=0) / _STEPS, _TINY).astype(np.float32)
    return np.rint(weight / scales).astype(np.int8), scales
