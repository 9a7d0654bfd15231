"""Models in ONNX Runtime, on the CPU and without torch. Start at :class:`OnnxModel`."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import Float32s, Vectors
from rerank.encoders.bert_weights import BertModel, read_bert
from rerank.encoders.devices import Placement, cpu_threads
from rerank.encoders.onnx_graph import OUTPUT, write_graph
from rerank.encoders.tokens import Batch, Tokenizer
from rerank.errors import ModelBroken, ShapeError

DTYPES = ("auto", "float32", "int8")
_CPU_FLAGS = Path("/proc/cpuinfo")
_INTEGER_FLAGS = {"avx512_vnni", "avx_vnni"}  # instructions that sum products of 8-bit integers without overflow


class OnnxModel:
    """An encoder or a cross-encoder of the BERT family in ONNX Runtime.

    Parameters
    ----------
    folder
        A folder that :func:`~rerank.encoders.bert_weights.unsupported` accepts.
    is_pair, with_changes
        As for :func:`~rerank.encoders.bert_weights.read_bert`.
    dtype
        One of :data:`DTYPES`. ``auto`` is ``int8`` on a CPU with instructions for it, else ``float32``.

    Raises
    ------
    ModelBroken
        If weights or tokenizer cannot be read.
    ShapeError
        For another dtype.
    """

    def __init__(self, folder: Path, *, is_pair: bool, with_changes: bool = True, dtype: str = "auto") -> None:
        if dtype not in DTYPES:
            raise ShapeError(f"ONNX Runtime computes in {', '.join(DTYPES[1:])} here, not in {dtype!r}.")
        bert = read_bert(folder, is_pair=is_pair, with_changes=with_changes)
        self.tokenizer = open_tokenizer(bert)
        self.max_tokens = bert.max_tokens
        self.dim = int(bert.words.shape[1])
        self.placement = placement(dtype)
        self._words = bert.words
        self._session = _open_session(write_graph(bert, dtype=self.placement.dtype), name=bert.name)

    def forward(self, batch: Batch) -> Float32s:
        """Vectors (n_rows, dim) or logits (n_rows,) of a batch."""
        types = batch.token_type_ids
        inputs = {
            "words": np.take(self._words, batch.input_ids, axis=0).astype(np.float32, copy=False),
            "attention_mask": batch.attention_mask,
            "token_type_ids": np.zeros_like(batch.input_ids) if types is None else types,
        }
        output: Float32s = self._session.run([OUTPUT], inputs)[0]
        return output

    def fetch(self, output: Float32s) -> Float32s:
        """The output itself: it is in memory already."""
        return output

    def is_out_of_memory(self, exc: BaseException) -> bool:
        """Whether an exception means that memory did not suffice."""
        return isinstance(exc, MemoryError) or "bad allocation" in str(exc) or "allocate memory" in str(exc)

    def word_vectors(self) -> Vectors:
        """Input embeddings, float32 (n_words, width)."""
        return np.asarray(self._words, dtype=np.float32)


def placement(dtype: str = "auto") -> Placement:
    """The number format that `dtype` means on this CPU, and why."""
    if dtype != "auto":
        return Placement("cpu", dtype, "as set, in ONNX Runtime")
    if has_integer_products():
        return Placement("cpu", "int8", "ONNX Runtime; the CPU sums products of 8-bit integers")
    return Placement("cpu", "float32", "ONNX Runtime; no instructions for 8-bit integers known")


@cache
def has_integer_products() -> bool:
    """Whether this CPU is known to have instructions for 8-bit products; without them, sums may overflow."""
    if platform.machine() not in ("x86_64", "AMD64") or not _CPU_FLAGS.is_file():
        return False
    lines = _CPU_FLAGS.read_text(encoding="utf-8", errors="replace").splitlines()
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    return not _INTEGER_FLAGS.isdisjoint(flags)


def open_tokenizer(bert: BertModel) -> Tokenizer:
    """The tokenizer of a model, without transformers.

    Raises
    ------
    ModelBroken
        If its file cannot be read.
    """
    from tokenizers import Tokenizer as Backend

    try:
        backend = Backend.from_file(str(bert.tokenizer))
    except Exception as exc:  # the library raises Exception itself
        raise ModelBroken(f"{bert.tokenizer} cannot be read ({exc}); copy the model folder again.") from exc
    return Tokenizer(backend, pad_id=bert.pad_id, with_types=True)


def _open_session(graph: bytes, *, name: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cpu_threads()
    # Waiting threads sleep: a server has other work for the cores, and several processes share them.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors; a warning for each shape helps nobody
    # Texts have many lengths. Memory planned for each shape of a batch stays allocated (40 MB) and saves no time.
    options.enable_mem_pattern = False
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as exc:  # its exceptions have no common base but this
        raise ModelBroken(f"{name} cannot be loaded into ONNX Runtime ({exc}).") from exc
    # The session keeps the file (41 MB) to open it again with another provider, and there is no other.
    session._model_bytes = None
    return session
