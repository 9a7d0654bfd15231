"""Bi-encoder: one vector a text, from any model that sentence-transformers' ``SentenceTransformer`` loads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rerank.batching import plan_batches, run_halving
from rerank.devices import Placement, features_on, finite, is_out_of_memory, place
from rerank.errors import ModelBroken
from rerank.loading import load_packed
from rerank.packed import is_packed
from rerank.tokens import Tokenizer, assemble
from rerank.weights import DEFAULT_ENCODER, check_model, find_model, model_hash

Vectors = npt.NDArray[np.float32]


class Encoder:
    """A bi-encoder in memory, on the device and in the number format that measured fastest.

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
        self.model_hash = model_hash(self.folder)
        self._model = load_encoder(self.folder)
        self._tokenizer = Tokenizer(self._model.tokenizer)
        limit = int(self._model.get_max_seq_length() or 512)
        self.max_tokens = min(max_tokens or limit, limit)
        self.dim = int(self._model.get_embedding_dimension())
        self._lock = threading.Lock()
        self.placement: Placement = place(self._model, device=device, dtype=dtype, probe=self._probe)
        self.batch_tokens = batch_tokens or self.placement.batch_tokens

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.folder.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of texts: float32, shape (n_texts, dim).

        Raises
        ------
        ScoresNotFinite
            If the model answers NaN or infinity.
        """
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        table = self._tokenizer.tokenize(texts, max_tokens=self.max_tokens)
        template = self._tokenizer.single
        lengths = np.minimum(table.lengths, self.max_tokens - template.n_special)  # (n_texts,)
        batches = plan_batches(lengths + template.n_special, batch_tokens=self.batch_tokens)
        waiting = []

        def forward(chosen: npt.NDArray[np.int64]) -> Any:
            return self._embed(assemble(template, (table,), chosen[:, None], lengths[chosen][:, None]))

        with self._lock:
            for chosen, embedded in run_halving(batches, forward, is_out_of_memory=is_out_of_memory):
                waiting.append((chosen, embedded))
            for chosen, embedded in waiting:
                vectors[chosen] = embedded.float().cpu().numpy()
        return unit_rows(finite(vectors, model=self.name))

    def _embed(self, batch: Any) -> Any:
        import torch

        with torch.inference_mode():
            return self._model(features_on(batch, self._model.device))["sentence_embedding"]

    def _probe(self) -> None:
        table = self._tokenizer.tokenize(
            ["a title and an abstract of sixty words or thereabouts " * 6] * 8, max_tokens=60
        )
        batch = assemble(self._tokenizer.single, (table,), np.arange(8)[:, None], table.lengths[:, None])
        self._embed(batch).cpu()


def load_encoder(folder: Path) -> Any:
    """sentence-transformers' model of a folder, on the CPU in fp32 and evaluation mode.

    Raises
    ------
    ModelBroken
        If it cannot be loaded.
    """
    from sentence_transformers import SentenceTransformer

    if is_packed(folder):
        return load_packed(folder, kind="encoder", load=load_encoder)
    try:
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as exc:
        raise ModelBroken(f"{folder} cannot be loaded as an encoder ({exc}).") from exc
    return model.float().eval()


def unit_rows(vectors: npt.NDArray[np.floating[Any]]) -> Vectors:
    """Rows of length one; a row of zeros stays.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).round(1).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)
