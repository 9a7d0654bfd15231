"""Cross-encoder: one model that reads query and text together and answers one raw logit.

Any single-output model that sentence-transformers' ``CrossEncoder`` loads. Scores are logits, never put through a
sigmoid: that would press the best ones together, and everything built on scores (CUR, CoSENT, the posterior) wants
them apart.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import Rows, Scores
from rerank.encoders.batching import plan_batches, run_halving
from rerank.encoders.devices import Placement, features_on, finite, is_out_of_memory, place
from rerank.encoders.first_token import FirstTokenScorer
from rerank.encoders.loading import load_packed
from rerank.encoders.packed import PAIR_KIND, is_packed
from rerank.encoders.pair_cache import ScoreCache, pair_keys
from rerank.encoders.tokens import Tokenizer, TokenTable, assemble, pair_lengths
from rerank.encoders.weights import check_model, find_model, model_hash
from rerank.errors import ModelBroken

DEFAULT_MAX_TOKENS = 256  # query + title + the first nine sentences or so; cost grows with it


class CrossEncoder:
    """A cross-encoder in memory, on the device and in the number format that measured fastest.

    Parameters
    ----------
    model
        Folder, or name of a package that carries one.
    device, dtype
        ``auto``, or as torch names them.
    max_tokens
        Tokens of a pair, special ones included, at most as many as the model says it reads (one of ours: as in
        training); the longer text is cut first.
    batch_tokens
        Padded tokens in a batch; None takes what suits the device.
    cache
        Where scores are kept; None keeps none.

    Raises
    ------
    ModelMissing, ModelBroken
        If there is no whole model of one output there.
    """

    def __init__(
        self,
        model: str | Path,
        *,
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
        self._model = load_model(self.folder)
        self._tokenizer = Tokenizer(self._model.tokenizer)
        self.max_tokens = min(max_tokens, int(self._model.get_max_seq_length() or max_tokens))
        self._lock = threading.Lock()
        self._forward: Any = None
        self.placement: Placement = place(self._model, device=device, dtype=dtype, probe=self._probe)
        transformer = self._model[0].model
        self._forward = FirstTokenScorer(transformer) if FirstTokenScorer.suits(transformer) else None
        self.batch_tokens = batch_tokens or self.placement.batch_tokens

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.folder.name

    @property
    def identity(self) -> str:
        """What its scores depend on."""
        return f"{self.model_hash}:{self.placement.dtype}:{self.max_tokens}"

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """Raw logits of one query against many texts, shape (n_texts,); known ones come from the cache.

        Raises
        ------
        ScoresNotFinite
            If the model answers NaN or infinity.
        """
        if self.cache is None:
            return self._score_texts(query, texts)
        keys = pair_keys(self.identity, query, texts)
        known = self.cache.get_many(dict.fromkeys(keys))
        unknown = [at for at, key in enumerate(keys) if key not in known]
        fresh = self._score_texts(query, [texts[at] for at in unknown])
        new = {keys[at]: float(score) for at, score in zip(unknown, fresh, strict=True)}
        if new:
            self.cache.set_many(new)
        together = {**known, **new}
        return np.array([together[key] for key in keys], dtype=np.float32)

    def score_pairs(self, pairs: Sequence[tuple[str, str]]) -> Scores:
        """Raw logits of pairs of any queries and texts, shape (n_pairs,); no cache."""
        firsts = self.tokenize([first for first, _ in pairs])
        seconds = self.tokenize([second for _, second in pairs])
        rows = np.repeat(np.arange(len(pairs))[:, None], 2, axis=1)  # (n_pairs, 2)
        return self.score_rows(firsts, seconds, rows)

    def tokenize(self, texts: Sequence[str]) -> TokenTable:
        """Token ids to keep: a paper scored again need not be tokenised again."""
        return self._tokenizer.tokenize(texts, max_tokens=self.max_tokens)

    def word_vectors(self) -> Scores:
        """The model's input embeddings, float32 (n_words, width): what soft word matches are made of."""
        weight = self._model[0].model.get_input_embeddings().weight
        return np.asarray(weight.detach().float().cpu().numpy())

    def score_rows(self, queries: TokenTable, texts: TokenTable, rows: Rows) -> Scores:
        """Raw logits of chosen pairs of two tables.

        Parameters
        ----------
        rows : int64, shape (n_pairs, 2)
            Row of the query and row of the text.

        Returns
        -------
        float32, shape (n_pairs,)
        """
        scores = np.empty(len(rows), dtype=np.float32)
        if not len(rows):
            return scores
        template = self._tokenizer.pair
        first, second = queries.lengths[rows[:, 0]], texts.lengths[rows[:, 1]]
        lengths = np.stack(pair_lengths(first, second, room=self.max_tokens - template.n_special), axis=1)
        batches = plan_batches(lengths.sum(axis=1) + template.n_special, batch_tokens=self.batch_tokens)
        waiting = []

        def forward(chosen: Rows) -> Any:
            return self._logits(assemble(template, (queries, texts), rows[chosen], lengths[chosen]))

        with self._lock:
            for chosen, logits in run_halving(batches, forward, is_out_of_memory=is_out_of_memory):
                waiting.append((chosen, logits))  # still on the device: asking for them would wait for each batch
            for chosen, logits in waiting:
                scores[chosen] = logits.float().cpu().numpy()
        return finite(scores, model=self.name)

    def _score_texts(self, query: str, texts: Sequence[str]) -> Scores:
        rows = np.stack([np.zeros(len(texts), dtype=np.int64), np.arange(len(texts))], axis=1)
        return self.score_rows(self.tokenize([query]), self.tokenize(texts), rows)

    def _logits(self, batch: Any) -> Any:
        import torch

        features = features_on(batch, self._model.device)
        with torch.inference_mode():
            if self._forward is not None:
                return self._forward(features, padded=not batch.attention_mask.all())
            return self._model(features)["scores"].squeeze(-1)

    def _probe(self) -> None:
        texts = self.tokenize(["a title and an abstract of sixty words or thereabouts " * 6] * 8)
        rows = np.stack([np.zeros(8, dtype=np.int64), np.arange(8)], axis=1)
        lengths = np.minimum(np.stack([texts.lengths[rows[:, 0]], texts.lengths], axis=1), 30)
        self._logits(assemble(self._tokenizer.pair, (texts, texts), rows, lengths)).cpu()


def load_model(folder: Path) -> Any:
    """sentence-transformers' model of a folder, on the CPU in fp32, with one output and evaluation mode.

    Raises
    ------
    ModelBroken
        If it cannot be loaded, or answers anything but one number.
    """
    from sentence_transformers import CrossEncoder as SentenceTransformersCrossEncoder

    if is_packed(folder):
        return load_packed(folder, kind=PAIR_KIND, load=load_model)
    try:
        model = SentenceTransformersCrossEncoder(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as exc:
        raise ModelBroken(f"{folder} cannot be loaded as a cross-encoder ({exc}).") from exc
    if model.num_labels != 1:
        raise ModelBroken(f"{folder} answers {model.num_labels} numbers a pair; a reranker answers one.")
    return model.float().eval()
