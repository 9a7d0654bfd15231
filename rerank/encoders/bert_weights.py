"""BERT models read as arrays, without torch: configuration, weights, and the changes of packed models.

Weights stay in their safetensors file and are mapped, so that processes share one copy of the table of words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import Float32s
from rerank.encoders.packed import FACTORS, PAIR_KIND, QUERY_KIND, is_packed, read_packed
from rerank.encoders.weights import find_model
from rerank.errors import ModelBroken

WEIGHTS = "model.safetensors"
WORDS = "embeddings.word_embeddings.weight"
_DTYPES = {"F32": np.float32, "F16": np.float16}
_MODULES = ("Transformer", "Pooling", "Normalize")  # of an encoder; others need torch
_UNLIMITED = 10**9  # tokenizers without a maximum length name a huge one


@dataclass(frozen=True, slots=True)
class BertModel:
    """A BERT model as arrays.

    Attributes
    ----------
    tensors
        Weights by name without the prefix ``bert.``; the table of words is not among them.
    words : float32 or float16, shape (n_words, width)
        Input embeddings, mapped from the file where training did not change them.
    pooling
        ``mean`` or ``cls`` for an encoder, ``score`` for a cross-encoder.
    max_tokens
        Tokens of a text, or of a pair, special tokens included.
    tokenizer
        Path of ``tokenizer.json``.
    """

    name: str
    tensors: Mapping[str, Float32s]
    words: Any
    n_layers: int
    n_heads: int
    epsilon: float
    pooling: str
    max_tokens: int
    pad_id: int
    tokenizer: Path


def unsupported(folder: Path, *, is_pair: bool) -> str:
    """Why a checked model folder cannot be read here, so that it needs torch; "" if it can."""
    base = _base_of(folder)
    config = _read_json(base / "config.json")
    if config.get("model_type") != "bert" or config.get("is_decoder"):
        return f"its architecture is {config.get('model_type')!r}, not BERT"
    if config.get("hidden_act") != "gelu" or config.get("position_embedding_type", "absolute") != "absolute":
        return "its activation or its positions are not those of BERT"
    if not (base / WEIGHTS).is_file() or not (base / "tokenizer.json").is_file():
        return f"it has no {WEIGHTS} or no tokenizer.json"
    if is_pair:
        return (
            ""
            if is_packed(folder) or "BertForSequenceClassification" in config.get("architectures", ())
            else "it has no output for pairs"
        )
    return _unsupported_modules(base)


def read_bert(folder: Path, *, is_pair: bool, with_changes: bool = True) -> BertModel:
    """Read a model folder that :func:`unsupported` accepts.

    Parameters
    ----------
    is_pair
        Whether it is a cross-encoder.
    with_changes
        Whether the changes of a packed query encoder are added; without them it is its base, which embeds documents.

    Raises
    ------
    ModelBroken
        If a weight is missing, has another shape or is not a number, or a cross-encoder has several outputs.
    """
    base, *packed_folders = _chain(folder)
    config = _read_json(base / "config.json")
    n_layers, max_tokens = int(config["num_hidden_layers"]), _max_tokens(base, config)
    tensors: dict[str, Any] = {
        name.removeprefix("bert."): tensor for name, tensor in map_tensors(base / WEIGHTS).items()
    }
    for part in packed_folders:
        packed = read_packed(part)
        if part == folder and (packed.kind == PAIR_KIND) != is_pair:
            raise ModelBroken(f"{folder} holds a model of the kind {packed.kind}; another kind is needed here.")
        n_layers = _checked_layers(part, packed.layers, of=n_layers)
        max_tokens = packed.max_tokens or max_tokens
        if packed.kind != QUERY_KIND or (with_changes and part == folder):
            tensors |= _changed(part, tensors)
    words = tensors.pop(WORDS, None)
    model = BertModel(
        name=folder.name,
        tensors=_used(folder, tensors, n_layers=n_layers, is_pair=is_pair),
        words=words,
        n_layers=n_layers,
        n_heads=int(config["num_attention_heads"]),
        epsilon=float(config.get("layer_norm_eps", 1e-12)),
        pooling="score" if is_pair else _pooling(base),
        max_tokens=max_tokens,
        pad_id=int(config.get("pad_token_id") or 0),
        tokenizer=base / "tokenizer.json",
    )
    if words is None:
        raise ModelBroken(f"{base / WEIGHTS} has no {WORDS}; copy the model folder again.")
    return model


def map_tensors(path: Path) -> dict[str, Any]:
    """Tensors of a safetensors file as read-only arrays that are mapped from it.

    The format: eight bytes with the length of the header, the header as JSON, the tensors.

    Raises
    ------
    ModelBroken
        If a tensor has a number format that numpy lacks.
    """
    mapped = np.memmap(path, dtype=np.uint8, mode="r")
    start = 8 + int.from_bytes(mapped[:8].tobytes(), "little")
    header = json.loads(mapped[8:start].tobytes())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] in ("I64", "I32"):  # numbers of positions, in old files
            continue
        if entry["dtype"] not in _DTYPES:
            raise ModelBroken(
                f"{path} stores {name} as {entry['dtype']}; that needs torch (COOLPAPERS_INFERENCE=torch)."
            )
        first, last = (start + offset for offset in entry["data_offsets"])
        tensors[name] = mapped[first:last].view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def _changed(folder: Path, tensors: Mapping[str, Any]) -> dict[str, Float32s]:
    """The weights that a packed model changes or adds, with the changes."""
    factors = map_tensors(folder / FACTORS)
    changed: dict[str, Float32s] = {}
    for name, factor in factors.items():
        target, _, part = name.rpartition("|")
        if part == "A":
            continue
        change = factor.astype(np.float32)
        if part == "B":
            change = change @ factors[f"{target}|A"].astype(np.float32)
        if part != "new":
            before = tensors.get(target)
            if before is None or before.shape != change.shape:
                raise ModelBroken(
                    f"{folder} changes {target} {change.shape}, which its base does not have; install its base."
                )
            change = before.astype(np.float32) + change
        changed[target] = change
    return changed


def _used(folder: Path, tensors: Mapping[str, Any], *, n_layers: int, is_pair: bool) -> dict[str, Float32s]:
    """The weights of the layers that are computed, float32; of a cross-encoder, with one output."""
    heads = ("pooler.", "classifier.") if is_pair else ()
    prefixes = ("embeddings.", *(f"encoder.layer.{layer}." for layer in range(n_layers)), *heads)
    used = {name: np.asarray(tensor, dtype=np.float32) for name, tensor in tensors.items() if name.startswith(prefixes)}
    if is_pair:
        n_outputs = len(used.get("classifier.weight", ()))
        if n_outputs != 1:
            raise ModelBroken(f"{folder} has {n_outputs} outputs; a reranker has one. Use another model.")
    return used


def _checked_layers(folder: Path, n_layers: int, *, of: int) -> int:
    if not 1 <= n_layers <= of:
        raise ModelBroken(f"{folder}: {n_layers} layers cannot be kept; its base has {of}.")
    return n_layers


def _base_of(folder: Path) -> Path:
    return _chain(folder)[0]


def _chain(folder: Path) -> list[Path]:
    """A model folder and those that it was packed against: first the one with whole weights, last the folder itself."""
    return [*_chain(find_model(read_packed(folder).base)), folder] if is_packed(folder) else [folder]


def _max_tokens(folder: Path, config: Mapping[str, Any]) -> int:
    """Maximum length by the rule of sentence-transformers: its own file first, then that of the tokenizer."""
    own = _read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    stated = own or _read_json(folder / "tokenizer_config.json").get("model_max_length") or _UNLIMITED
    return int(min(stated, config.get("max_position_embeddings", _UNLIMITED)))


def _unsupported_modules(folder: Path) -> str:
    modules = _modules(folder)
    names = [name for name, _ in modules]
    if any(name not in _MODULES for name in names):
        return f"it has modules besides {', '.join(_MODULES)}"
    if _read_json(folder / "sentence_bert_config.json").get("do_lower_case"):
        return "it lowers the case of texts before its tokenizer"
    return "" if _pooling(folder) in ("mean", "cls") else "its pooling is neither mean nor cls"


def _pooling(folder: Path) -> str:
    """Pooling of an encoder; ``mean`` for a folder without modules, as sentence-transformers pools it."""
    for name, path in _modules(folder):
        if name == "Pooling":
            config = _read_json(folder / path / "config.json")
            mode = config.get("pooling_mode")
            if isinstance(mode, str):
                return mode
            chosen = [name for name, is_on in config.items() if name.startswith("pooling_mode_") and is_on]
            return {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}.get("+".join(chosen), "other")
    return "mean"


def _modules(folder: Path) -> list[tuple[str, str]]:
    """Names of the classes of an encoder's modules, and their folders."""
    path = folder / "modules.json"
    entries = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return [(str(entry["type"]).rpartition(".")[2], str(entry["path"])) for entry in entries]


def _read_json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return content if isinstance(content, dict) else {}
