"""Models in training: they return differentiable scores of texts, and are saved as model folders.

All are models of sentence-transformers, which can load the saved folders. LoRA adapters (PEFT) are merged into the
weights when a model is saved, so that using it does not need PEFT.
"""

from __future__ import annotations

import shutil
import uuid
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rerank.arrays import Ints, Rows
from rerank.encoders.cross_encoder import load_model
from rerank.encoders.devices import features_on
from rerank.encoders.encoder import load_encoder
from rerank.encoders.loading import cut_layers, load_packed, plain_logging
from rerank.encoders.packed import QUERY_KIND
from rerank.encoders.tokens import Template, Tokenizer, TokenTable, assemble, pair_lengths
from rerank.encoders.weights import check_model, find_model
from rerank.errors import ShapeError
from rerank.training.comparisons import label_matrix, owners_of, row_matrix
from rerank.training.fixed_texts import FixedTexts
from rerank.training.training_data import GradedList

KINDS = ("cross-encoder", "encoder")
CPU_BATCH = 16  # texts in one forward pass on a CPU
LORA_INITS = ("zero", "lora-ga")


class TrainableModel(Protocol):
    """A model in training."""

    module: Any  # the sentence-transformers model

    def scores(self, lists: Sequence[GradedList]) -> Any:
        """Scores of all texts with the queries of their lists, as one tensor (n_texts,)."""


class TrainableCrossEncoder:
    """A cross-encoder in training; its scores are raw logits."""

    def __init__(self, module: Any, *, max_tokens: int) -> None:
        self.module = module
        self.max_tokens = max_tokens
        self._tokenizer = Tokenizer.of_transformers(module.tokenizer)

    def scores(self, lists: Sequence[GradedList]) -> Any:
        """Logits of all texts with the queries of their lists, shape (n_texts,)."""
        queries = self._tokenizer.tokenize([item.query for item in lists], max_tokens=self.max_tokens)
        texts = _tokenize_all(self._tokenizer, lists, self.max_tokens)
        owners = owners_of(lists)
        rows = np.stack([owners, np.arange(len(owners))], axis=1)  # (n_texts, 2)
        template = self._tokenizer.pair
        room = self.max_tokens - template.n_special
        lengths = np.stack(pair_lengths(queries.lengths[owners], texts.lengths, room=room), axis=1)
        return _forward(self.module, template, (queries, texts), rows, lengths, output="scores").squeeze(-1)


class TrainableEncoder:
    """An encoder in training; its scores are cosines of the vectors of query and text."""

    def __init__(self, module: Any, *, max_tokens: int) -> None:
        self.module = module
        self.max_tokens = max_tokens
        self._tokenizer = Tokenizer.of_transformers(module.tokenizer)

    def scores(self, lists: Sequence[GradedList]) -> Any:
        """Cosines of all texts with the queries of their lists, shape (n_texts,)."""
        queries, texts = self.vectors(lists)
        return own_cosines(queries, texts, lists)

    def vectors(self, lists: Sequence[GradedList]) -> tuple[Any, Any]:
        """Vectors of the queries (n_lists, dim) and of all texts (n_texts, dim), in single precision."""
        texts = _tokenize_all(self._tokenizer, lists, self.max_tokens)
        return self.queries(lists), self._embed(texts).float()

    def queries(self, lists: Sequence[GradedList]) -> Any:
        """Vectors of the queries, (n_lists, dim), in single precision."""
        return self.embed([item.query for item in lists])

    def embed(self, texts: Sequence[str]) -> Any:
        """Vectors of texts, (n_texts, dim), in single precision."""
        return self._embed(self._tokenizer.tokenize(texts, max_tokens=self.max_tokens)).float()

    def compared(self, lists: Sequence[GradedList]) -> tuple[Any, Any, Any]:
        """In-batch comparisons: vectors (n_texts, dim), and labels and mask of :func:`label_matrix`."""
        import torch

        texts = self._embed(_tokenize_all(self._tokenizer, lists, self.max_tokens)).float()
        labels, used = (torch.from_numpy(array).to(texts.device) for array in label_matrix(lists, in_batch=True))
        return texts, labels, used

    def _embed(self, table: TokenTable) -> Any:
        rows = np.arange(len(table))[:, None]
        lengths = np.minimum(table.lengths, self.max_tokens - self._tokenizer.single.n_special)[:, None]
        return _forward(self.module, self._tokenizer.single, (table,), rows, lengths, output="sentence_embedding")


class TrainableQueryEncoder(TrainableEncoder):
    """An encoder of queries, trained against fixed vectors of texts.

    Parameters
    ----------
    n_negatives
        Random texts that every batch is compared with, in addition to those of its lists.
    """

    def __init__(self, module: Any, *, max_tokens: int, fixed: FixedTexts, n_negatives: int) -> None:
        super().__init__(module, max_tokens=max_tokens)
        self.n_negatives = n_negatives
        self._fixed = fixed

    def vectors(self, lists: Sequence[GradedList]) -> tuple[Any, Any]:
        """Vectors of the queries (n_lists, dim), and the fixed vectors of all texts (n_texts, dim)."""
        rows = self._fixed.rows([text for item in lists for text in item.texts])
        return self.queries(lists), self._vectors_of(rows)

    def compared(self, lists: Sequence[GradedList]) -> tuple[Any, Any, Any]:
        """In-batch comparisons and random texts: vectors (n_texts, dim), and labels and mask of :func:`row_matrix`."""
        import torch

        others = self._fixed.random_rows(self.n_negatives)
        own = [self._fixed.rows(item.texts) for item in lists]
        excluded = [np.array([self._fixed.row(item.query), *self._fixed.excluded_rows(item)]) for item in lists]
        rows, *matrices = row_matrix(lists, own, excluded, others)
        labels, used = (torch.from_numpy(matrix).to(self.module.device) for matrix in matrices)
        return self._vectors_of(rows), labels, used

    def _vectors_of(self, rows: Rows) -> Any:
        import torch

        return torch.from_numpy(self._fixed.vectors[rows]).to(self.module.device)


def own_cosines(queries: Any, texts: Any, lists: Sequence[GradedList]) -> Any:
    """Cosine of each text (n_texts, dim) with the query (n_lists, dim) of its list, shape (n_texts,)."""
    from torch.nn import functional

    return functional.cosine_similarity(queries[owners_of(lists)], texts, dim=1)


def all_cosines(queries: Any, texts: Any) -> Any:
    """Cosine of every query (n_lists, dim) with every text (n_texts, dim), shape (n_lists, n_texts)."""
    from torch.nn import functional

    return functional.normalize(queries, dim=1) @ functional.normalize(texts, dim=1).T


def load_trainable(
    kind: str, model: str | Path, *, layers: int | None = None, max_tokens: int = 128, device: str = "cpu"
) -> TrainableModel:
    """Load a model for training.

    Parameters
    ----------
    kind
        One of :data:`KINDS`. A cross-encoder may start from the weights of an encoder; its output layer is then new.
        ``query-encoder`` is a packed one, of which the weights that encode queries are trained on.
    layers
        Number of transformer layers to keep, from the first; None keeps all.

    Raises
    ------
    ModelMissing, ModelBroken
        If it cannot be loaded, or has fewer layers.
    ShapeError
        If `kind` is unknown.
    """
    if kind not in (*KINDS, QUERY_KIND):
        raise ShapeError(f"Unknown kind {kind!r}; known are {', '.join((*KINDS, QUERY_KIND))}.")
    folder = find_model(model)
    check_model(folder)
    if kind == QUERY_KIND:
        module = load_packed(folder, kind=QUERY_KIND, load=load_encoder)
    else:
        module = load_model(folder) if kind == "cross-encoder" else load_encoder(folder)
    if layers is not None:
        cut_layers(module, n_layers=layers)
    module.to(device)
    if device == "cpu":
        # On a CPU, the backward pass of the fused kernel in bf16 is slow: 21 texts/s with it, 34 without.
        module[0].model.set_attn_implementation("eager")
    limit = int(module.get_max_seq_length() or max_tokens)
    if kind == "cross-encoder":
        return TrainableCrossEncoder(module, max_tokens=min(max_tokens, max(limit, _n_positions(module))))
    return TrainableEncoder(module, max_tokens=min(max_tokens, limit))


def _n_positions(module: Any) -> int:
    """Number of positions of the model, whatever its length in earlier training; 0 if its configuration lacks it."""
    return int(getattr(module[0].model.config, "max_position_embeddings", 2)) - 2  # RoBERTa does not use the first two


def set_dropout(module: Any, *, share: float) -> None:
    """Set the probability of every dropout of the model, in place."""
    import torch

    for part in module.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = share


def freeze_embeddings(module: Any) -> None:
    """Exclude the embeddings from training: half of a small model's weights, which then need not be shipped."""
    for parameter in module[0].model.base_model.embeddings.parameters():
        parameter.requires_grad_(False)


def add_lora(
    model: TrainableModel, *, rank: int, init: str = "zero", gradient_step: Callable[[], None] | None = None
) -> None:
    """Freeze the weights and put LoRA adapters on all linear layers of the transformer, in place.

    Parameters
    ----------
    init
        ``zero`` starts with no change to the model (Hu et al. 2021); ``lora-ga`` starts along the gradient that
        `gradient_step` computes (Wang et al. 2024, arXiv:2407.05000).
    gradient_step
        One forward and backward pass on a typical batch; required by ``lora-ga``.

    Raises
    ------
    ShapeError
        For an unknown `init`, or ``lora-ga`` without a `gradient_step`.
    """
    from peft import LoraConfig, LoraGAConfig, get_peft_model, preprocess_loraga

    if init not in LORA_INITS or (init == "lora-ga" and gradient_step is None):
        raise ShapeError(
            f"The initialisation of LoRA must be one of {', '.join(LORA_INITS)}, the second with a gradient step;"
            f" got {init!r}."
        )
    transformer = model.module[0].model
    head = [name for name in ("classifier", "score") if hasattr(transformer, name)]
    config = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        target_modules="all-linear",
        exclude_modules=head or None,
        modules_to_save=head or None,
        init_lora_weights="lora_ga" if init == "lora-ga" else True,
        lora_ga_config=LoraGAConfig() if init == "lora-ga" else None,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PEFT's advice on saving adapters does not apply: they are merged
        if gradient_step is not None and init == "lora-ga":
            config.target_modules = _linear_names(transformer, without=head)
            preprocess_loraga(transformer, config, gradient_step)
        model.module[0].model = get_peft_model(transformer, config)


def save_trained(model: TrainableModel, folder: Path) -> None:
    """Write the model to a new folder, with adapters merged, and replace `folder` with it.

    A cross-encoder's length in training is saved as its maximum length: at twice the length, a model lost more than it
    had gained by training (decision 0016).
    """
    module = model.module
    if isinstance(model, TrainableCrossEncoder):
        module.max_seq_length = model.max_tokens
    transformer = module[0].model
    with plain_logging():
        if hasattr(transformer, "merge_and_unload"):
            module[0].model = transformer.merge_and_unload()
        new = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
        module.save_pretrained(str(new), create_model_card=False)
    old = folder.with_name(f".{folder.name}.old")
    if folder.exists():
        folder.replace(old)
    new.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _linear_names(transformer: Any, *, without: Sequence[str]) -> list[str]:
    import torch

    linear = (name for name, part in transformer.named_modules() if isinstance(part, torch.nn.Linear))
    return [name for name in linear if name.split(".")[0] not in without]


def _forward(
    module: Any,
    template: Template,
    tables: Sequence[TokenTable],
    rows: Rows,
    lengths: Ints,
    *,
    output: str,
) -> Any:
    """One output of the model for rows as in :func:`rerank.encoders.tokens.assemble`, in the order of the rows.

    On a CPU, rows of similar length go through the model in small batches, so that activations stay in the cache: a
    step of a cross-encoder is 1.6 times as fast. A GPU takes all rows at once.
    """
    import torch

    device = module.device
    size = CPU_BATCH if torch.device(device).type == "cpu" else len(rows)
    order = np.argsort(lengths.sum(axis=1), kind="stable")
    outputs = []
    for start in range(0, len(order), size):
        selected = order[start : start + size]
        batch = assemble(template, tables, rows[selected], lengths[selected])
        outputs.append(module(features_on(batch, device))[output])
    return torch.cat(outputs)[torch.from_numpy(np.argsort(order)).to(device)]


def _tokenize_all(tokenizer: Tokenizer, lists: Sequence[GradedList], max_tokens: int) -> TokenTable:
    return tokenizer.tokenize([text for item in lists for text in item.texts], max_tokens=max_tokens)
