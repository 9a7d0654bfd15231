"""Models of sentence-transformers brought into the shape we want: fewer layers, packed changes added, no noise."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rerank.encoders.packed import read_packed, unpack_into
from rerank.encoders.weights import find_model
from rerank.errors import ModelBroken


def load_packed(folder: Path, *, kind: str, load: Callable[[Path], Any]) -> Any:
    """The model that a packed folder stands for, in memory.

    Parameters
    ----------
    load
        Loads the model it is based on, as this kind.

    Raises
    ------
    ModelBroken
        If it is a model of another kind, or does not fit its base.
    ModelMissing
        If its base is not installed.
    """
    packed = read_packed(folder)
    if packed.kind != kind:
        raise ModelBroken(f"{folder} holds a model of the kind {packed.kind}, and a {kind} is wanted here.")
    with plain_logging():  # a fresh output layer is reported as a defect; it is filled a moment later
        module = load(find_model(packed.base))
    cut_layers(module, n_layers=packed.layers)
    if packed.max_tokens:
        module.max_seq_length = packed.max_tokens
    return unpack_into(module, folder)


def cut_layers(module: Any, *, n_layers: int) -> None:
    """Keep the first `n_layers` transformer layers, in place: a third of the depth is a third of the time.

    Raises
    ------
    ModelBroken
        If the model has not so many.
    """
    transformer = module[0].model
    stack = getattr(getattr(transformer.base_model, "encoder", None), "layer", None)
    if stack is None or not 1 <= n_layers <= len(stack):
        raise ModelBroken(f"{n_layers} layers cannot be kept of this model ({len(stack or ())} found).")
    transformer.base_model.encoder.layer = stack[:n_layers]
    transformer.config.num_hidden_layers = n_layers


@contextmanager
def plain_logging() -> Iterator[None]:
    """Silence the progress bars and load reports of transformers and sentence-transformers inside the block."""
    from transformers.utils import logging as their_logging

    on_top = logging.getLogger("sentence_transformers")
    levels = their_logging.get_verbosity(), on_top.level
    bars = their_logging.is_progress_bar_enabled()
    their_logging.set_verbosity(logging.ERROR)
    on_top.setLevel(logging.ERROR)
    their_logging.disable_progress_bar()
    try:
        yield
    finally:
        their_logging.set_verbosity(levels[0])
        on_top.setLevel(levels[1])
        if bars:
            their_logging.enable_progress_bar()
