"""Models in torch: on GPUs, of architectures besides BERT, and for training. Start at :class:`TorchModel`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from rerank.arrays import Float32s, Vectors
from rerank.encoders.devices import Placement, features_on, is_out_of_memory, place
from rerank.encoders.first_token import FirstTokenScorer
from rerank.encoders.tokens import Batch, Template, Tokenizer, TokenTable, assemble, pair_lengths

_UNLIMITED = 512  # tokens, for a model without a stated maximum
_PROBE_TEXT = "a title and an abstract of sixty words or thereabouts " * 6
_PROBE_ROWS, _PROBE_TOKENS = 8, 60


class TorchModel:
    """An encoder or a cross-encoder of sentence-transformers on its device.

    Parameters
    ----------
    module
        The model, already moved and cast.
    placement
        Where it is.
    run
        Computes the output of a batch's features; the second argument says whether rows are padded.
    """

    def __init__(self, module: Any, placement: Placement, run: Callable[[dict[str, Any], bool], Any]) -> None:
        self.module = module
        self.placement = placement
        self.tokenizer = Tokenizer.of_transformers(module.tokenizer)
        self.max_tokens = int(module.get_max_seq_length() or _UNLIMITED)
        dimension = getattr(module, "get_embedding_dimension", None)
        self.dim = int(dimension()) if dimension else 1
        self._run = run

    @classmethod
    def encoder(cls, module: Any, *, device: str, dtype: str) -> TorchModel:
        """Move an encoder to the device and the format that measured fastest. Raises as ``place`` does."""
        probe = _probe(module, _embedding(module), is_pair=False)
        return cls(module, place(module, device=device, dtype=dtype, probe=probe), _embedding(module))

    @classmethod
    def placed_like(cls, module: Any, other: TorchModel) -> TorchModel:
        """An encoder on the device and in the format of another one.

        Equal word embeddings are shared between the two: they are half of a small model.
        """
        module.to(other.placement.device).to(getattr(torch, other.placement.dtype))
        words, other_words = (model[0].model.get_input_embeddings() for model in (module, other.module))
        if torch.equal(words.weight, other_words.weight):
            words.weight = other_words.weight
        return cls(module, other.placement, _embedding(module))

    @classmethod
    def cross_encoder(cls, module: Any, *, device: str, dtype: str) -> TorchModel:
        """Move a cross-encoder to the device and the format that measured fastest. Raises as ``place`` does."""

        def whole(features: dict[str, Any], _padded: bool) -> Any:
            return module(features)["scores"].squeeze(-1)

        placement = place(module, device=device, dtype=dtype, probe=_probe(module, whole, is_pair=True))
        transformer = module[0].model
        if not FirstTokenScorer.suits(transformer):
            return cls(module, placement, whole)
        scorer = FirstTokenScorer(transformer)
        return cls(module, placement, lambda features, padded: scorer(features, padded=padded))

    def forward(self, batch: Batch) -> Any:
        """Vectors (n_rows, dim) or logits (n_rows,) of a batch, on the device."""
        features = features_on(batch, self.module.device)
        with torch.inference_mode():
            return self._run(features, not batch.attention_mask.all())

    def fetch(self, output: Any) -> Float32s:
        """An output as an array; waits for the device."""
        return np.asarray(output.float().cpu().numpy())

    def is_out_of_memory(self, exc: BaseException) -> bool:
        """Whether the device, or the host inside torch, is out of memory; frees torch's cache."""
        return is_out_of_memory(exc)

    def word_vectors(self) -> Vectors:
        """Input embeddings, float32 (n_words, width)."""
        weight = self.module[0].model.get_input_embeddings().weight
        return np.asarray(weight.detach().float().cpu().numpy())


def _embedding(module: Any) -> Callable[[dict[str, Any], bool], Any]:
    return lambda features, _padded: module(features)["sentence_embedding"]


def _probe(module: Any, run: Callable[[dict[str, Any], bool], Any], *, is_pair: bool) -> Callable[[], Any]:
    """Runs the model once on a small batch."""
    tokenizer = Tokenizer.of_transformers(module.tokenizer)
    limit = min(_PROBE_TOKENS, int(module.get_max_seq_length() or _UNLIMITED))
    texts = tokenizer.tokenize([_PROBE_TEXT] * _PROBE_ROWS, max_tokens=limit)
    batch = _probe_batch(tokenizer.pair if is_pair else tokenizer.single, texts, limit=limit)

    def call() -> Any:
        with torch.inference_mode():
            return run(features_on(batch, module.device), False).cpu()

    return call


def _probe_batch(template: Template, texts: TokenTable, *, limit: int) -> Batch:
    n_texts, room = len(template.parts) - 1, limit - template.n_special
    rows = np.repeat(np.arange(_PROBE_ROWS)[:, None], n_texts, axis=1)
    lengths = texts.lengths[rows]  # (n_rows, n_texts)
    if n_texts == 1:
        return assemble(template, (texts,), rows, np.minimum(lengths, room))
    return assemble(template, (texts, texts), rows, np.stack(pair_lengths(*lengths.T, room=room), axis=1))
