"""Which library runs a model; loading of sentence-transformers' models: packed ones, fewer layers, no progress bars."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rerank.encoders.bert_weights import unsupported
from rerank.encoders.devices import choose_inference
from rerank.encoders.packed import read_packed, unpack_into
from rerank.encoders.weights import find_model
from rerank.errors import ModelBroken


def library_for(
    folder: Path, *, is_pair: bool, inference: str = "auto", device: str = "auto", dtype: str = "auto"
) -> str:
    """The library that runs the model of a checked folder: ``onnx`` or ``torch``.

    Raises
    ------
    PackageMissing
        If its packages are not installed.
    ShapeError
        If the settings exclude each other.
    """
    reason = unsupported(folder, is_pair=is_pair)
    return choose_inference(inference, device=device, dtype=dtype, needs_torch=reason)


def load_packed(folder: Path, *, kind: str, load: Callable[[Path], Any]) -> Any:
    """Load a packed model: its base, with the changes added.

    Parameters
    ----------
    kind
        Expected kind of the model.
    load
        Loads its base as a model of this kind.

    Raises
    ------
    ModelBroken
        If it is a model of another kind, or does not fit its base.
    ModelMissing
        If its base is not installed.
    """
    packed = read_packed(folder)
    if packed.kind != kind:
        raise ModelBroken(f"{folder} holds a model of the kind {packed.kind}; expected a {kind}.")
    with plain_logging():  # transformers warns of an untrained output layer; unpack_into fills it below
        module = load(find_model(packed.base))
    cut_layers(module, n_layers=packed.layers)
    if packed.max_tokens:
        module.max_seq_length = packed.max_tokens
    return unpack_into(module, folder)


def cut_layers(module: Any, *, n_layers: int) -> None:
    """Keep only the first `n_layers` transformer layers, in place.

    Raises
    ------
    ModelBroken
        If the model has fewer layers.
    """
    transformer = module[0].model
    layers = getattr(getattr(transformer.base_model, "encoder", None), "layer", None)
    if layers is None or not 1 <= n_layers <= len(layers):
        raise ModelBroken(f"{n_layers} layers cannot be kept: this model has {len(layers or ())}.")
    transformer.base_model.encoder.layer = layers[:n_layers]
    transformer.config.num_hidden_layers = n_layers


@contextmanager
def plain_logging() -> Iterator[None]:
    """Suppress the progress bars and loading reports of transformers and sentence-transformers inside the block."""
    from transformers.utils import logging as transformers_logging

    sentence_transformers_logger = logging.getLogger("sentence_transformers")
    levels = transformers_logging.get_verbosity(), sentence_transformers_logger.level
    had_progress_bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity(logging.ERROR)
    sentence_transformers_logger.setLevel(logging.ERROR)
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(levels[0])
        sentence_transformers_logger.setLevel(levels[1])
        if had_progress_bars:
            transformers_logging.enable_progress_bar()
