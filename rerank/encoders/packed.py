"""Packed models: small folders with the change that training made to a base model, as low-rank factors.

A packed folder holds ``adapter.safetensors``, ``adapter.json`` and a model card. The change of each matrix is stored as
two factors of its truncated singular value decomposition, ``ΔW ≈ B A`` in half precision: the form of LoRA (Hu et al.
2021), and the best approximation of that rank (Eckart and Young 1936). Vectors, and an output layer that the base does
not have, are stored whole. Loading adds the changes to the base's weights; the result is an ordinary model.

``adapter.json`` names the hash of the base and of the factors; loading refuses others.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rerank.errors import ModelBroken, ShapeError

PACKED = "adapter.json"
FACTORS = "adapter.safetensors"
FORMAT = 1
PAIR_KIND = "cross-encoder"
QUERY_KIND = "query-encoder"  # an encoder of queries, for documents that its base embeds
_MIN_CHANGE = 1e-7  # smaller changes are rounding errors


@dataclass(frozen=True, slots=True)
class Packed:
    """Content of ``adapter.json``."""

    kind: str
    base: str
    base_hash: str
    layers: int
    rank: int
    share: float
    sha256: str
    format: int = FORMAT
    max_tokens: int = 0  # length that pairs were truncated to in training; 0: the base's maximum


def is_packed(folder: Path) -> bool:
    """Whether a folder holds a packed model."""
    return (folder / PACKED).is_file()


def read_packed(folder: Path) -> Packed:
    """Read ``adapter.json`` and check the hash of the factors.

    Raises
    ------
    ModelBroken
        If a file is missing or unreadable, the format is unknown, or the factors have another hash.
    """
    path = folder / PACKED
    try:
        packed = Packed(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as exc:
        raise ModelBroken(f"{path} cannot be read ({exc}); copy the model folder again.") from exc
    if packed.format != FORMAT:
        raise ModelBroken(
            f"{path} has format {packed.format}, this version reads format {FORMAT}; use a model of this version."
        )
    try:
        sha256 = hashlib.sha256((folder / FACTORS).read_bytes()).hexdigest()
    except OSError as exc:
        raise ModelBroken(f"{folder} has no {FACTORS} ({exc}); copy the model folder again.") from exc
    if sha256 != packed.sha256:
        raise ModelBroken(
            f"{folder / FACTORS} does not have the hash in {PACKED}: it was copied in part, or replaced."
            " Copy the whole model folder again."
        )
    return packed


def pack(
    trained: Any,
    base: Any,
    folder: Path,
    *,
    kind: str,
    base_name: str,
    base_hash: str,
    rank: int,
    share: float = 1.0,
) -> Packed:
    """Write the difference between two models of sentence-transformers as a packed folder.

    Parameters
    ----------
    trained, base
        The models in memory; `base` may have more layers, and lack an output layer.
    rank
        Of the factors. A matrix that has no fewer entries as factors is stored whole.
    share
        Factor on the change, 0 (the base) to 1 (the trained model). A model in between may gain nearly as much and
        forget less (Wortsman et al. 2022, arXiv:2109.01903). Weights that the base does not have are stored unchanged.

    Raises
    ------
    ShapeError
        If a weight has another shape in the base.
    """
    from safetensors.torch import save

    before, after = _weights(base), _weights(trained)
    tensors: dict[str, Any] = {}
    for name, weight in after.items():
        start = before.get(name)
        if start is not None and start.shape != weight.shape:
            raise ShapeError(f"{name} has shape {tuple(weight.shape)}, but {tuple(start.shape)} in the base.")
        change = weight if start is None else (weight - start) * share
        if start is None or change.abs().max() > _MIN_CHANGE:
            tensors |= _packed_change(name, change, rank=rank, is_new=start is None)
    folder.mkdir(parents=True, exist_ok=True)
    data = save(tensors)
    layers = int(trained[0].model.config.num_hidden_layers)
    digest = hashlib.sha256(data).hexdigest()
    max_tokens = int(trained.get_max_seq_length() or 0) if kind == PAIR_KIND else 0
    packed = Packed(kind, base_name, base_hash, layers, rank, share, digest, max_tokens=max_tokens)
    (folder / FACTORS).write_bytes(data)
    (folder / PACKED).write_text(json.dumps(asdict(packed), indent=1) + "\n", encoding="utf-8")
    return packed


def unpack_into(module: Any, folder: Path) -> Any:
    """Add the changes of a packed folder to its base, in place; returns the base.

    Raises
    ------
    ModelBroken
        If the base lacks a changed weight, or has it with another shape.
    """
    import torch
    from safetensors.torch import load

    tensors = load((folder / FACTORS).read_bytes())
    weights = _parameters(module)
    with torch.no_grad():
        for name, tensor in tensors.items():
            target, _, part = name.rpartition("|")
            if part == "A":
                continue
            weight = weights.get(target)
            change = tensor.float() @ tensors[f"{target}|A"].float() if part == "B" else tensor.float()
            if weight is None or weight.shape != change.shape:
                raise ModelBroken(
                    f"{folder} changes {target} {tuple(change.shape)}, which its base does not have; install its base."
                )
            weight.copy_(change) if part == "new" else weight.add_(change)
    return module


def _packed_change(name: str, change: Any, *, rank: int, is_new: bool) -> dict[str, Any]:
    import torch

    if is_new or change.ndim != 2 or rank * sum(change.shape) >= change.numel():
        return {f"{name}|{'new' if is_new else 'add'}": change.half().contiguous()}
    left, values, right = torch.linalg.svd(change, full_matrices=False)
    root = values[:rank].sqrt()  # divided evenly between both factors, to stay within the range of half precision
    return {
        f"{name}|B": (left[:, :rank] * root).half().contiguous(),
        f"{name}|A": (root[:, None] * right[:rank]).half().contiguous(),
    }


def _weights(module: Any) -> dict[str, Any]:
    return {name: weight.detach().float() for name, weight in _parameters(module).items()}


def _parameters(module: Any) -> dict[str, Any]:
    """Parameters by name without the model's prefix: equal for an encoder and a cross-encoder made from it."""
    model = module[0].model
    prefix = f"{model.base_model_prefix}."
    return {name.removeprefix(prefix): parameter for name, parameter in model.named_parameters()}
