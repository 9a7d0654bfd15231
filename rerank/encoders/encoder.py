"""Bi-encoder: one vector per text, by a BERT model in ONNX Runtime or any encoder that sentence-transformers loads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import Floats, Rows, Vectors
from rerank.encoders.batching import BatchModel, plan_batches, run_halving
from rerank.encoders.devices import Placement, check_finite
from rerank.encoders.loading import library_for, load_packed, plain_logging
from rerank.encoders.packed import QUERY_KIND, is_packed, read_packed
from rerank.encoders.tokens import assemble
from rerank.encoders.weights import DEFAULT_ENCODER, check_model, find_model, model_hash, vectors_hash
from rerank.errors import ModelBroken


class Encoder:
    """A bi-encoder in memory, on the device and in the number format that measured fastest.

    A packed model of the kind ``query-encoder`` encodes queries with its own weights and documents with those of its
    base, so documents that its base has embedded need not be embedded again.

    Parameters
    ----------
    model
        Model folder, or name of an installed package that contains one.
    inference
        ``onnx``, ``torch`` or ``auto``; see :func:`~rerank.encoders.devices.choose_inference`. The vectors of both have
        the same hash, and a cosine of .999 on average and .998 at least for a title or more: a library may hold both.
    device, dtype
        ``auto``, or torch's names; ``int8`` for ONNX Runtime.
    max_tokens
        Tokens of a text, special tokens included; None takes the model's own maximum.
    batch_tokens
        Padded tokens in a batch; None takes the default of the device.

    Attributes
    ----------
    model_hash, query_hash
        Of the weights that encode documents, and of those that encode queries.
    dim
        Dimension of the vectors.

    Raises
    ------
    ModelMissing
        If there is no such folder or package.
    ModelBroken
        If the folder is incomplete or cannot be loaded.
    PackageMissing
        If the library that runs it is not installed.
    """

    def __init__(
        self,
        model: str | Path = DEFAULT_ENCODER,
        *,
        inference: str = "auto",
        device: str = "auto",
        dtype: str = "auto",
        max_tokens: int | None = None,
        batch_tokens: int | None = None,
    ) -> None:
        self.folder = find_model(model)
        check_model(self.folder)
        self.model_hash = vectors_hash(self.folder)
        self.query_hash = model_hash(self.folder)
        self._lock = threading.Lock()
        self.inference = library_for(self.folder, is_pair=False, inference=inference, device=device, dtype=dtype)
        self.placement: Placement  # of documents
        self._queries: BatchModel
        self._documents: BatchModel | None
        if self.inference == "onnx":
            self._open_onnx(dtype)
        else:
            self._open_torch(device, dtype)
        self._tokenizer = self._queries.tokenizer
        self.dim = self._queries.dim
        self.max_tokens = min(max_tokens or self._queries.max_tokens, self._queries.max_tokens)
        self.batch_tokens = batch_tokens or self.placement.batch_tokens

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.folder.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of documents, float32 (n_texts, dim).

        Raises
        ------
        ScoresNotFinite
            If the model returns NaN or infinity.
        """
        return self._encode(texts, self._document_model())

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries; shape and errors as :meth:`encode`."""
        return self._encode(texts, self._queries)

    def _encode(self, texts: Sequence[str], model: BatchModel) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        table = self._tokenizer.tokenize(texts, max_tokens=self.max_tokens)
        template = self._tokenizer.single
        lengths = np.minimum(table.lengths, self.max_tokens - template.n_special)  # (n_texts,)
        batches = plan_batches(lengths + template.n_special, batch_tokens=self.batch_tokens)
        outputs = []

        def forward(rows: Rows) -> Any:
            return model.forward(assemble(template, (table,), rows[:, None], lengths[rows][:, None]))

        with self._lock:
            for rows, embeddings in run_halving(batches, forward, is_out_of_memory=model.is_out_of_memory):
                outputs.append((rows, embeddings))  # on the device: copying now would wait for the batch
            for rows, embeddings in outputs:
                vectors[rows] = model.fetch(embeddings)
        return unit_rows(check_finite(vectors, model=self.name))

    def _open_onnx(self, dtype: str) -> None:
        from rerank.encoders.onnx_model import OnnxModel, placement

        self.placement = placement(dtype)
        # A query is short and is compared with all documents: fp32 costs 2 ms more than 8 bits.
        query_dtype = "float32" if dtype == "auto" else dtype
        self._queries = OnnxModel(self.folder, is_pair=False, dtype=query_dtype)
        is_same = self.query_hash == self.model_hash and query_dtype == self.placement.dtype
        self._documents = self._queries if is_same else None  # opened on first use

    def _open_torch(self, device: str, dtype: str) -> None:
        from rerank.encoders.torch_model import TorchModel

        with plain_logging():
            module = load_encoder(self.folder)
        documents = TorchModel.encoder(module, device=device, dtype=dtype)
        self._documents = self._queries = documents
        self.placement = documents.placement
        if self.query_hash != self.model_hash:
            module = load_packed(self.folder, kind=QUERY_KIND, load=load_encoder)
            self._queries = TorchModel.placed_like(module, documents)

    def _document_model(self) -> BatchModel:
        """The model of documents. In ONNX Runtime it is opened on first use: a server that only searches never does."""
        with self._lock:
            if self._documents is None:
                from rerank.encoders.onnx_model import OnnxModel

                self._documents = OnnxModel(self.folder, is_pair=False, with_changes=False, dtype=self.placement.dtype)
            return self._documents


def load_encoder(folder: Path) -> Any:
    """Load sentence-transformers' encoder of a folder, on the CPU, in fp32 and in evaluation mode.

    For a packed query encoder this is its base, which embeds documents.

    Raises
    ------
    ModelBroken
        If it cannot be loaded.
    """
    from sentence_transformers import SentenceTransformer

    if is_packed(folder):
        packed = read_packed(folder)
        if packed.kind == QUERY_KIND:
            return load_encoder(find_model(packed.base))
        return load_packed(folder, kind="encoder", load=load_encoder)
    try:
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as exc:
        raise ModelBroken(f"{folder} cannot be loaded as an encoder ({exc}).") from exc
    return model.float().eval()


def unit_rows(vectors: Floats) -> Vectors:
    """Rows scaled to length 1; rows of zeros stay zero.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).round(1).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)
