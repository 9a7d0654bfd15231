"""Bi-encoder: one vector a text, from any model that sentence-transformers' ``SentenceTransformer`` loads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import Floats, Rows, Vectors
from rerank.encoders.batching import plan_batches, run_halving
from rerank.encoders.devices import Placement, features_on, finite, is_out_of_memory, place
from rerank.encoders.loading import load_packed
from rerank.encoders.packed import QUERY_KIND, is_packed, read_packed
from rerank.encoders.tokens import Tokenizer, assemble
from rerank.encoders.weights import DEFAULT_ENCODER, check_model, find_model, model_hash, vectors_hash
from rerank.errors import ModelBroken


class Encoder:
    """A bi-encoder in memory, on the device and in the number format that measured fastest.

    A packed model of the kind ``query-encoder`` reads queries with its own weights and papers with those of its base,
    so papers embedded by the base are papers embedded by it.

    Parameters
    ----------
    model
        Folder, or name of a package that carries one.
    device, dtype
        ``auto``, or as torch names them.
    max_tokens
        Tokens of a text, special ones included; None takes the model's own limit.

    Raises
    ------
    ModelMissing, ModelBroken
        If there is no whole model there.
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
        self._query_model = self._model if self.query_hash == self.model_hash else self._load_queries()

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.folder.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of papers' texts: float32, shape (n_texts, dim).

        Raises
        ------
        ScoresNotFinite
            If the model answers NaN or infinity.
        """
        return self._encode(texts, self._model)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, to compare with those of papers; shape and errors as :meth:`encode`."""
        return self._encode(texts, self._query_model)

    def _encode(self, texts: Sequence[str], model: Any) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        table = self._tokenizer.tokenize(texts, max_tokens=self.max_tokens)
        template = self._tokenizer.single
        lengths = np.minimum(table.lengths, self.max_tokens - template.n_special)  # (n_texts,)
        batches = plan_batches(lengths + template.n_special, batch_tokens=self.batch_tokens)
        waiting = []

        def forward(chosen: Rows) -> Any:
            return _embed(model, assemble(template, (table,), chosen[:, None], lengths[chosen][:, None]))

        with self._lock:
            for chosen, embedded in run_halving(batches, forward, is_out_of_memory=is_out_of_memory):
                waiting.append((chosen, embedded))
            for chosen, embedded in waiting:
                vectors[chosen] = embedded.float().cpu().numpy()
        return unit_rows(finite(vectors, model=self.name))

    def _load_queries(self) -> Any:
        """The model of queries, placed as that of papers; the table of words, half of a small model, is there once."""
        import torch

        model = load_packed(self.folder, kind=QUERY_KIND, load=load_encoder)
        model.to(self.placement.device).to(getattr(torch, self.placement.dtype))
        own, other = (part[0].model.get_input_embeddings() for part in (model, self._model))
        if torch.equal(own.weight, other.weight):
            own.weight = other.weight
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
    """sentence-transformers' model of a folder, on the CPU in fp32 and evaluation mode.

    Of a packed query encoder that is its base: what embeds papers.

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
    """Rows of length one; a row of zeros stays.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).round(1).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)
