"""Bi-encoder: one vector per text, by any model that sentence-transformers' ``SentenceTransformer`` loads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import Floats, Rows, Vectors
from rerank.encoders.batching import plan_batches, run_halving
from rerank.encoders.devices import Placement, check_finite, features_on, is_out_of_memory, place
from rerank.encoders.loading import load_packed
from rerank.encoders.packed import QUERY_KIND, is_packed, read_packed
from rerank.encoders.tokens import Tokenizer, assemble
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
    device, dtype
        ``auto``, or torch's names.
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
    """

    def __init__(
        self,
        model: str | Path = DEFAULT_ENCODER,
        *,
        device: str = "auto",
        dtype: str = "auto",
        max_tokens: int | None = None,
        batch_tokens: int | None = None,
    ) -> None:
        self.folder = find_model(model)
        check_model(self.folder)
        self.model_hash = vectors_hash(self.folder)
        self.query_hash = model_hash(self.folder)
        self._model = load_encoder(self.folder)
        self._tokenizer = Tokenizer(self._model.tokenizer)
        limit = int(self._model.get_max_seq_length() or 512)
        self.max_tokens = min(max_tokens or limit, limit)
        self.dim = int(self._model.get_embedding_dimension())
        self._lock = threading.Lock()
        self.placement: Placement = place(self._model, device=device, dtype=dtype, probe=self._probe)
        self.batch_tokens = batch_tokens or self.placement.batch_tokens
        self._query_model = self._model if self.query_hash == self.model_hash else self._load_query_model()

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
        return self._encode(texts, self._model)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries; shape and errors as :meth:`encode`."""
        return self._encode(texts, self._query_model)

    def _encode(self, texts: Sequence[str], model: Any) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        table = self._tokenizer.tokenize(texts, max_tokens=self.max_tokens)
        template = self._tokenizer.single
        lengths = np.minimum(table.lengths, self.max_tokens - template.n_special)  # (n_texts,)
        batches = plan_batches(lengths + template.n_special, batch_tokens=self.batch_tokens)
        outputs = []

        def forward(rows: Rows) -> Any:
            return _embed(model, assemble(template, (table,), rows[:, None], lengths[rows][:, None]))

        with self._lock:
            for rows, embeddings in run_halving(batches, forward, is_out_of_memory=is_out_of_memory):
                outputs.append((rows, embeddings))  # on the device: copying now would wait for the batch
            for rows, embeddings in outputs:
                vectors[rows] = embeddings.float().cpu().numpy()
        return unit_rows(check_finite(vectors, model=self.name))

    def _load_query_model(self) -> Any:
        """The query model, on the device and in the format of the document model.

        Equal word embeddings are shared between the two: they are half of a small model.
        """
        import torch

        model = load_packed(self.folder, kind=QUERY_KIND, load=load_encoder)
        model.to(self.placement.device).to(getattr(torch, self.placement.dtype))
        query_words, document_words = (module[0].model.get_input_embeddings() for module in (model, self._model))
        if torch.equal(query_words.weight, document_words.weight):
            query_words.weight = document_words.weight
        return model

    def _probe(self) -> None:
        table = self._tokenizer.tokenize(
            ["a title and an abstract of sixty words or thereabouts " * 6] * 8, max_tokens=60
        )
        batch = assemble(self._tokenizer.single, (table,), np.arange(8)[:, None], table.lengths[:, None])
        _embed(self._model, batch).cpu()


def _embed(model: Any, batch: Any) -> Any:
    import torch

    with torch.inference_mode():
        return model(features_on(batch, model.device))["sentence_embedding"]


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
