"""Cross-encoder: a model that reads query and text together and returns one raw logit.

A BERT model in ONNX Runtime, or any single-output model that sentence-transformers' ``CrossEncoder`` loads. Scores are
logits without a sigmoid: a sigmoid would compress the highest scores, and the methods built on scores (CUR, CoSENT, the
posterior) need their differences.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import Rows, Scores, Vectors
from rerank.encoders.batching import BatchModel, plan_batches, run_halving
from rerank.encoders.devices import check_finite
from rerank.encoders.loading import library_for, load_packed, plain_logging
from rerank.encoders.packed import PAIR_KIND, is_packed
from rerank.encoders.pair_cache import ScoreCache, pair_keys
from rerank.encoders.tokens import TokenTable, assemble, pair_lengths
from rerank.encoders.weights import check_model, find_model, model_hash
from rerank.errors import ModelBroken

DEFAULT_MAX_TOKENS = 256  # query, title and about nine sentences; the cost grows with it


class CrossEncoder:
    """A cross-encoder in memory, on the device and in the number format that measured fastest.

    Parameters
    ----------
    model
        Model folder, or name of an installed package that contains one.
    inference
        ``onnx``, ``torch`` or ``auto``; see :func:`~rerank.encoders.devices.choose_inference`.
    device, dtype
        ``auto``, or torch's names; ``int8`` for ONNX Runtime.
    max_tokens
        Tokens of a pair, special tokens included; limited to the model's own maximum (for a model trained here, its
        length in training). The longer text is truncated first.
    batch_tokens
        Padded tokens in a batch; None takes the default of the device.
    cache
        Stores scores of pairs; None stores none.

    Raises
    ------
    ModelMissing
        If there is no such folder or package.
    ModelBroken
        If the folder is incomplete, or the model does not have exactly one output.
    PackageMissing
        If the library that runs it is not installed.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        inference: str = "auto",
        device: str = "auto",
        dtype: str = "auto",
        max_tokens: int = DEFAULT_MAX_TOKENS,
        batch_tokens: int | None = None,
        cache: ScoreCache | None = None,
    ) -> None:
        self.folder = find_model(model)
        check_model(self.folder)
        self.model_hash = model_hash(self.folder)
        self.cache = cache
        self.inference = library_for(self.folder, is_pair=True, inference=inference, device=device, dtype=dtype)
        self._model = self._open(device=device, dtype=dtype)
        self._tokenizer = self._model.tokenizer
        self.placement = self._model.placement
        self.max_tokens = min(max_tokens, self._model.max_tokens)
        self.batch_tokens = batch_tokens or self.placement.batch_tokens
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.folder.name

    @property
    def identity(self) -> str:
        """Cache key of everything that its scores depend on."""
        return f"{self.model_hash}:{self.placement.dtype}:{self.max_tokens}"

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """Raw logits of one query with many texts, shape (n_texts,); cached scores are not computed again.

        Raises
        ------
        ScoresNotFinite
            If the model returns NaN or infinity.
        """
        if self.cache is None:
            return self._score_texts(query, texts)
        keys = pair_keys(self.identity, query, texts)
        cached = self.cache.get_many(dict.fromkeys(keys))
        missing = [row for row, key in enumerate(keys) if key not in cached]
        scores = self._score_texts(query, [texts[row] for row in missing])
        computed = {keys[row]: float(score) for row, score in zip(missing, scores, strict=True)}
        if computed:
            self.cache.set_many(computed)
        by_key = {**cached, **computed}
        return np.array([by_key[key] for key in keys], dtype=np.float32)

    def score_pairs(self, pairs: Sequence[tuple[str, str]]) -> Scores:
        """Raw logits of (query, text) pairs, shape (n_pairs,); without the cache."""
        queries = self.tokenize([query for query, _ in pairs])
        texts = self.tokenize([text for _, text in pairs])
        rows = np.repeat(np.arange(len(pairs))[:, None], 2, axis=1)  # (n_pairs, 2)
        return self.score_rows(queries, texts, rows)

    def tokenize(self, texts: Sequence[str]) -> TokenTable:
        """Token ids of texts, for :meth:`score_rows`: a text that is scored again need not be tokenised again."""
        return self._tokenizer.tokenize(texts, max_tokens=self.max_tokens)

    def word_vectors(self) -> Vectors:
        """The model's input embeddings, float32 (n_words, width); not of length 1."""
        return self._model.word_vectors()

    def score_rows(self, queries: TokenTable, texts: TokenTable, rows: Rows) -> Scores:
        """Raw logits of pairs of rows of two tables.

        Parameters
        ----------
        rows : int64, shape (n_pairs, 2)
            Row of the query and row of the text.

        Returns
        -------
        float32, shape (n_pairs,)

        Raises
        ------
        ScoresNotFinite
            If the model returns NaN or infinity.
        """
        scores = np.empty(len(rows), dtype=np.float32)
        if not len(rows):
            return scores
        template = self._tokenizer.pair
        first, second = queries.lengths[rows[:, 0]], texts.lengths[rows[:, 1]]
        lengths = np.stack(pair_lengths(first, second, room=self.max_tokens - template.n_special), axis=1)
        batches = plan_batches(lengths.sum(axis=1) + template.n_special, batch_tokens=self.batch_tokens)
        outputs = []

        def forward(pairs: Rows) -> Any:
            return self._model.forward(assemble(template, (queries, texts), rows[pairs], lengths[pairs]))

        with self._lock:
            for pairs, logits in run_halving(batches, forward, is_out_of_memory=self._model.is_out_of_memory):
                outputs.append((pairs, logits))  # on the device: copying now would wait for the batch
            for pairs, logits in outputs:
                scores[pairs] = self._model.fetch(logits)
        return check_finite(scores, model=self.name)

    def _score_texts(self, query: str, texts: Sequence[str]) -> Scores:
        rows = np.stack([np.zeros(len(texts), dtype=np.int64), np.arange(len(texts))], axis=1)
        return self.score_rows(self.tokenize([query]), self.tokenize(texts), rows)

    def _open(self, *, device: str, dtype: str) -> BatchModel:
        if self.inference == "onnx":
            from rerank.encoders.onnx_model import OnnxModel

            return OnnxModel(self.folder, is_pair=True, dtype=dtype)
        from rerank.encoders.torch_model import TorchModel

        with plain_logging():
            module = load_model(self.folder)
        return TorchModel.cross_encoder(module, device=device, dtype=dtype)


def load_model(folder: Path) -> Any:
    """Load sentence-transformers' cross-encoder of a folder, on the CPU, in fp32 and in evaluation mode.

    Raises
    ------
    ModelBroken
        If it cannot be loaded, or does not have exactly one output.
    """
    from sentence_transformers import CrossEncoder as SentenceTransformersCrossEncoder

    if is_packed(folder):
        return load_packed(folder, kind=PAIR_KIND, load=load_model)
    try:
        model = SentenceTransformersCrossEncoder(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as exc:
        raise ModelBroken(f"{folder} cannot be loaded as a cross-encoder ({exc}).") from exc
    if model.num_labels != 1:
        raise ModelBroken(f"{folder} has {model.num_labels} outputs; a reranker has one. Use another model.")
    return model.float().eval()
