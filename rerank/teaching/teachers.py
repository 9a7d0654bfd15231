"""Teachers: encoders whose similarities a smaller encoder learns. Start at :func:`open_teacher`.

A teacher is only used in training. Any folder of sentence-transformers and any packed model is one, and so is a folder
with an ONNX file and ``tokenizer.json``, such as bge-small-en-v1.5: it needs `onnxruntime`, and its vector is that of
the first token.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rerank.arrays import Rows, Vectors
from rerank.encoders.batching import plan_batches
from rerank.encoders.devices import check_finite
from rerank.encoders.encoder import Encoder, unit_rows
from rerank.encoders.weights import find_model
from rerank.errors import ModelBroken, ModelMissing

MAX_TOKENS = 128  # length at which the site embeds papers
BGE_PREFIX = "Represent this sentence for searching relevant passages: "  # its authors' prefix of short queries
ONNX_BATCH_TOKENS = 2048  # padded tokens in a batch
_READ_BYTES = 1 << 22


class Teacher(Protocol):
    """An encoder of documents and queries."""

    model_hash: str  # of everything that affects a vector, 64 hex digits
    documents_hash: str  # of what affects the vectors of documents
    dim: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of documents, float32 (n_texts, dim)."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, float32 (n_texts, dim)."""


def open_teacher(model: str | Path, *, threads: int | None = None, max_tokens: int = MAX_TOKENS) -> Teacher:
    """Load a teacher.

    Parameters
    ----------
    model
        Folder, or name of an installed package or shipped model.
    threads
        Threads of an ONNX model; None leaves the choice to the runtime.

    Raises
    ------
    ModelMissing
        If there is no such model, or an ONNX model needs `onnxruntime` and it is not installed.
    ModelBroken
        If the folder is incomplete or cannot be loaded.
    """
    folder = find_model(model)
    if any(folder.glob("*.onnx")):
        return OnnxTeacher(folder, threads=threads, max_tokens=max_tokens)
    return EncoderTeacher(folder, max_tokens=max_tokens)


class EncoderTeacher:
    """A model of sentence-transformers, or one of this site: its query encoder teaches what it learned before."""

    def __init__(self, folder: Path, *, max_tokens: int = MAX_TOKENS) -> None:
        self._encoder = Encoder(folder, max_tokens=max_tokens)
        self.encode, self.encode_queries = self._encoder.encode, self._encoder.encode_queries
        self.model_hash, self.documents_hash = self._encoder.query_hash, self._encoder.model_hash
        self.dim = self._encoder.dim


class OnnxTeacher:
    """An ONNX model of BERT's inputs whose vector is the last hidden state of the first token.

    Parameters
    ----------
    folder
        Holds one ``.onnx`` file and ``tokenizer.json``.
    query_prefix
        Put before queries.
    """

    def __init__(
        self,
        folder: Path,
        *,
        threads: int | None = None,
        max_tokens: int = MAX_TOKENS,
        query_prefix: str = BGE_PREFIX,
    ) -> None:
        try:
            import onnxruntime
        except ImportError as exc:
            raise ModelMissing(f"{folder} is an ONNX model, which needs onnxruntime: pip install onnxruntime.") from exc
        from tokenizers import Tokenizer

        paths = sorted(folder.glob("*.onnx"))
        if len(paths) != 1 or not (folder / "tokenizer.json").is_file():
            raise ModelBroken(
                f"{folder} must hold one .onnx file and tokenizer.json, and has {len(paths)} .onnx files."
            )
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads or 0
        settings.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others may need the cores
        try:
            self._session: Any = onnxruntime.InferenceSession(str(paths[0]), settings)
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as exc:  # both raise classes of their own that have no common base
            raise ModelBroken(f"{folder} cannot be loaded as an ONNX encoder ({exc}); copy the folder again.") from exc
        self._tokenizer.enable_truncation(max_length=max_tokens)
        self._tokenizer.no_padding()
        self._inputs = {part.name for part in self._session.get_inputs()}
        self._prefix = query_prefix
        self._name = folder.name
        self.model_hash = _hash_of([paths[0], folder / "tokenizer.json"], f"{max_tokens}\0{query_prefix}")
        self.documents_hash = self.model_hash
        self.dim = int(self._session.get_outputs()[0].shape[-1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of documents, float32 (n_texts, dim).

        Raises
        ------
        ScoresNotFinite
            If the model returns NaN or infinity.
        """
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        ids = [encoded.ids for encoded in self._tokenizer.encode_batch(list(texts))]
        lengths = np.array([len(row) for row in ids], dtype=np.int64)
        for rows in plan_batches(lengths, batch_tokens=ONNX_BATCH_TOKENS):
            vectors[rows] = self._first_tokens(ids, rows)
        return unit_rows(check_finite(vectors, model=self._name))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries; shape and errors as :meth:`encode`."""
        return self.encode([f"{self._prefix}{text}" for text in texts])

    def _first_tokens(self, ids: Sequence[Sequence[int]], rows: Rows) -> Vectors:
        width = max(len(ids[row]) for row in rows)
        tokens = np.zeros((len(rows), width), dtype=np.int64)
        mask = np.zeros_like(tokens)
        for position, row in enumerate(rows):
            tokens[position, : len(ids[row])] = ids[row]
            mask[position, : len(ids[row])] = 1
        arrays = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        hidden = self._session.run(None, {name: array for name, array in arrays.items() if name in self._inputs})[0]
        return np.asarray(hidden[:, 0], dtype=np.float32)  # (n_rows, dim)


def _hash_of(paths: Sequence[Path], settings: str) -> str:
    digest = hashlib.sha256(settings.encode())
    for path in paths:
        with path.open("rb") as stream:
            while chunk := stream.read(_READ_BYTES):
                digest.update(chunk)
    return digest.hexdigest()
