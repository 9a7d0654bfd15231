"""Models while they are trained: text in, differentiable scores out, and the folder they become.

Both kinds are sentence-transformers models, so what is saved loads there too. LoRA adapters (PEFT) are merged into the
weights when saving: who serves the model needs no PEFT.
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
from rerank.encoders.loading import cut_layers, plain_logging
from rerank.encoders.tokens import Template, Tokenizer, TokenTable, assemble, pair_lengths
from rerank.encoders.weights import check_model, find_model
from rerank.errors import ShapeError
from rerank.training.comparisons import label_matrix, owners_of, row_matrix
from rerank.training.fixed_texts import FixedTexts
from rerank.training.training_data import GradedList

KINDS = ("cross-encoder", "encoder")
CPU_PART = 16  # texts that go through a model together on a CPU
LORA_INITS = ("zero", "lora-ga")


class TrainableModel(Protocol):
    """A model in training."""

    module: Any  # the sentence-transformers model

    def scores(self, lists: Sequence[GradedList]) -> Any:
        """Scores of all texts of all lists, in order, as one tensor (n_texts,)."""


class CrossEncoderTrainee:
    """Raw logits of (query, text)."""

    def __init__(self, module: Any, *, max_tokens: int) -> None:
        self.module = module
        self.max_tokens = max_tokens
        self._tokenizer = Tokenizer(module.tokenizer)

    def scores(self, lists: Sequence[GradedList]) -> Any:
        """Logits of every (query, text) of the lists, shape (n_texts,)."""
        queries = self._tokenizer.tokenize([item.query for item in lists], max_tokens=self.max_tokens)
        texts = _tokenize_all(self._tokenizer, lists, self.max_tokens)
        owners = owners_of(lists)
        rows = np.stack([owners, np.arange(len(owners))], axis=1)  # (n_texts, 2)
        template = self._tokenizer.pair
        room = self.max_tokens - template.n_special
        lengths = np.stack(pair_lengths(queries.lengths[owners], texts.lengths, room=room), axis=1)
        return _in_parts(self.module, template, (queries, texts), rows, lengths, output="scores").squeeze(-1)


class EncoderTrainee:
    """Cosines of the embeddings of query and text."""

    def __init__(self, module: Any, *, max_tokens: int) -> None:
        self.module = module
        self.max_tokens = max_tokens
        self._tokenizer = Tokenizer(module.tokenizer)

    def scores(self, lists: Sequence[GradedList]) -> Any:
        """Cosine of every (query, text) of the lists, shape (n_texts,)."""
        queries, texts = self.vectors(lists)
        return own_cosines(queries, texts, lists)

    def vectors(self, lists: Sequence[GradedList]) -> tuple[Any, Any]:
        """Embeddings of the queries (n_lists, dim) and of all texts in order (n_texts, dim), in single precision."""
        texts = _tokenize_all(self._tokenizer, lists, self.max_tokens)
        return self.queries(lists), self._embed(texts).float()

    def queries(self, lists: Sequence[GradedList]) -> Any:
        """Embeddings of the queries, (n_lists, dim), in single precision."""
        table = self._tokenizer.tokenize([item.query for item in lists], max_tokens=self.max_tokens)
        return self._embed(table).float()

    def compared(self, lists: Sequence[GradedList]) -> tuple[Any, Any, Any]:
        """What each query is compared with: embeddings (n_texts, dim); labels, and which count (n_lists, n_texts)."""
        import torch

        texts = self._embed(_tokenize_all(self._tokenizer, lists, self.max_tokens)).float()
        labels, used = (torch.from_numpy(part).to(texts.device) for part in label_matrix(lists, in_batch=True))
        return texts, labels, used

    def _embed(self, table: TokenTable) -> Any:
        rows = np.arange(len(table))[:, None]
        lengths = np.minimum(table.lengths, self.max_tokens - self._tokenizer.single.n_special)[:, None]
        return _in_parts(self.module, self._tokenizer.single, (table,), rows, lengths, output="sentence_embedding")


class QueryEncoderTrainee(EncoderTrainee):
    """An encoder of queries, trained against texts whose vectors stay as its base made them.

    Parameters
    ----------
    n_negatives
        Random texts that every batch is compared with, beside those of its lists.
    """

    def __init__(self, module: Any, *, max_tokens: int, fixed: FixedTexts, n_negatives: int) -> None:
        super().__init__(module, max_tokens=max_tokens)
        self.n_negatives = n_negatives
        self._fixed = fixed

    def vectors(self, lists: Sequence[GradedList]) -> tuple[Any, Any]:
        """Embeddings of the queries (n_lists, dim), and the fixed vectors of all texts in order (n_texts, dim)."""
        rows = self._fixed.rows([text for item in lists for text in item.texts])
        return self.queries(lists), self._at(rows)

    def compared(self, lists: Sequence[GradedList]) -> tuple[Any, Any, Any]:
        """Vectors of all texts of the lists and of random others, labels, and whether each counts."""
        import torch

        others = self._fixed.random_rows(self.n_negatives)
        own = [self._fixed.rows(item.texts) for item in lists]
        held = [np.array([self._fixed.row(item.query), *self._fixed.hidden(item)]) for item in lists]
        rows, *parts = row_matrix(lists, own, held, others)
        labels, used = (torch.from_numpy(part).to(self.module.device) for part in parts)
        return self._at(rows), labels, used

    def _at(self, rows: Rows) -> Any:
        import torch

        return torch.from_numpy(self._fixed.vectors[rows]).to(self.module.device)


def own_cosines(queries: Any, texts: Any, lists: Sequence[GradedList]) -> Any:
    """Cosine of each text (n_texts, dim) with the query (n_lists, dim) of its own list, shape (n_texts,)."""
    from torch.nn import functional

    return functional.cosine_similarity(queries[owners_of(lists)], texts, dim=1)


def all_cosines(queries: Any, texts: Any) -> Any:
    """Cosine of every query (n_lists, dim) with every text (n_texts, dim), shape (n_lists, n_texts)."""
    from torch.nn import functional

    return functional.normalize(queries, dim=1) @ functional.normalize(texts, dim=1).T


def load_trainee(
    kind: str, model: str | Path, *, layers: int | None = None, max_tokens: int = 128, device: str = "cpu"
) -> TrainableModel:
    """A model to train.

    Parameters
    ----------
    kind
        One of :data:`KINDS`. A cross-encoder may start from the weights of an encoder; it gets a fresh output layer.
    layers
        Keep only the first so many layers of the transformer.

    Raises
    ------
    ModelMissing, ModelBroken, ShapeError
        If it cannot be loaded, has not so many layers, or `kind` is unknown.
    """
    if kind not in KINDS:
        raise ShapeError(f"The kind {kind!r} is not one of {', '.join(KINDS)}.")
    folder = find_model(model)
    check_model(folder)
    module = load_model(folder) if kind == "cross-encoder" else load_encoder(folder)
    if layers is not None:
        cut_layers(module, n_layers=layers)
    module.to(device)
    if device == "cpu":
        # The fused kernel's backward pass in bf16 took a third of a step there: 34 instead of 21 texts/s without it.
        module[0].model.set_attn_implementation("eager")
    limit = int(module.get_max_seq_length() or max_tokens)
    if kind == "cross-encoder":
        return CrossEncoderTrainee(module, max_tokens=min(max_tokens, max(limit, _n_positions(module))))
    return EncoderTrainee(module, max_tokens=min(max_tokens, limit))


def _n_positions(module: Any) -> int:
    """Tokens that the model has places for, whatever it was trained at before; 0: it does not say."""
    return int(getattr(module[0].model.config, "max_position_embeddings", 2)) - 2  # RoBERTa's first two are none


def set_dropout(module: Any, *, share: float) -> None:
    """Set every dropout of the model, in place."""
    import torch

    for part in module.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = share


def freeze_embeddings(module: Any) -> None:
    """Keep the table of word embeddings as it is: half of a small model's weights, which then need not be shipped."""
    for parameter in module[0].model.base_model.embeddings.parameters():
        parameter.requires_grad_(False)


def add_lora(
    trainee: TrainableModel, *, rank: int, init: str = "zero", gradient_step: Callable[[], None] | None = None
) -> None:
    """Freeze the weights and put LoRA adapters on all linear layers of the transformer, in place.

    Parameters
    ----------
    init
        ``zero`` starts as the model itself (Hu et al. 2021); ``lora-ga`` starts along the gradient that `gradient_step`
        computes (Wang et al. 2024, arXiv:2407.05000).
    gradient_step
        One forward and backward pass on a typical batch; needed for ``lora-ga``.

    Raises
    ------
    ShapeError
        For an unknown `init`, or ``lora-ga`` without a `gradient_step`.
    """
    from peft import LoraConfig, LoraGAConfig, get_peft_model, preprocess_loraga

    if init not in LORA_INITS or (init == "lora-ga" and gradient_step is None):
        raise ShapeError(
            f"LoRA starts from one of {', '.join(LORA_INITS)} (the second needs a gradient step): {init!r}."
        )
    transformer = trainee.module[0].model
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
        warnings.simplefilter("ignore")  # advice of PEFT on saving adapters; ours are merged
        if gradient_step is not None and init == "lora-ga":
            config.target_modules = _linear_names(transformer, without=head)
            preprocess_loraga(transformer, config, gradient_step)
        trainee.module[0].model = get_peft_model(transformer, config)


def save_trainee(trainee: TrainableModel, folder: Path) -> None:
    """Write the model, adapters merged, beside `folder` and move it there.

    A cross-encoder is kept with the tokens of a pair it was trained at: of longer pairs it has seen none, and read at
    twice the length one lost more than all it had gained (decision 0016).
    """
    merged = trainee.module
    if isinstance(trainee, CrossEncoderTrainee):
        merged.max_seq_length = trainee.max_tokens
    transformer = merged[0].model
    with plain_logging():
        if hasattr(transformer, "merge_and_unload"):
            merged[0].model = transformer.merge_and_unload()
        part = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
        merged.save_pretrained(str(part), create_model_card=False)
    old = folder.with_name(f".{folder.name}.old")
    if folder.exists():
        folder.replace(old)
    part.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _linear_names(transformer: Any, *, without: Sequence[str]) -> list[str]:
    import torch

    linear = (name for name, part in transformer.named_modules() if isinstance(part, torch.nn.Linear))
    return [name for name in linear if name.split(".")[0] not in without]


def _in_parts(
    module: Any,
    template: Template,
    tables: Sequence[TokenTable],
    rows: Rows,
    lengths: Ints,
    *,
    output: str,
) -> Any:
    """An output of the model for some rows, as :func:`rerank.encoders.tokens.assemble` takes them, in their order.

    On a CPU they go through in small parts of like length: what one layer hands the next then stays in the caches,
    which makes a step of a cross-encoder 1.6 times as fast; a card takes all at once.
    """
    import torch

    device = module.device
    size = CPU_PART if torch.device(device).type == "cpu" else len(rows)
    order = np.argsort(lengths.sum(axis=1), kind="stable")
    parts = []
    for at in range(0, len(order), size):
        chosen = order[at : at + size]
        batch = assemble(template, tables, rows[chosen], lengths[chosen])
        parts.append(module(features_on(batch, device))[output])
    return torch.cat(parts)[torch.from_numpy(np.argsort(order)).to(device)]


def _tokenize_all(tokenizer: Tokenizer, lists: Sequence[GradedList], max_tokens: int) -> TokenTable:
    return tokenizer.tokenize([text for item in lists for text in item.texts], max_tokens=max_tokens)
