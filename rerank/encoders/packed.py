"""Models shipped small: what training changed, as low-rank factors beside the model it started from.

A packed folder holds ``adapter.safetensors``, ``adapter.json`` and a card. Of every matrix that training changed the
change is kept as the two factors of its truncated singular value decomposition, ``ΔW ≈ B A`` (the form of LoRA, Hu et
al. 2021; Eckart and Young 1936 for the best of a rank), in half precision; vectors, and the output layer that the base
has not, are kept whole. Loading adds them to the base's weights: what comes out is an ordinary model in memory.

The folder says the hash of its base and of its own weights, and loading refuses others.
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
QUERY_KIND = "query-encoder"  # an encoder of queries alone, for papers embedded by its base
_IGNORED = 1e-7  # a change of all entries below it is rounding


@dataclass(frozen=True, slots=True)
class Packed:
    """What a packed folder says of itself."""

    kind: str
    base: str
    base_hash: str
    layers: int
    rank: int
    share: float
    sha256: str
    format: int = FORMAT
    max_tokens: int = 0  # that pairs were cut to in training; 0: as many as the base reads


def is_packed(folder: Path) -> bool:
    """Whether a folder holds a packed model."""
    return (folder / PACKED).is_file()


def read_packed(folder: Path) -> Packed:
    """Read and check what a packed folder says.

    Raises
    ------
    ModelBroken
        If it is not whole, or its weights are not those that were shipped.
    """
    path = folder / PACKED
    try:
        packed = Packed(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as exc:
        raise ModelBroken(f"{path} cannot be read ({exc}); copy the model folder again.") from exc
    if packed.format != FORMAT:
        raise ModelBroken(f"{path} has the format {packed.format}, and {FORMAT} is read here; take the model of today.")
    try:
        found = hashlib.sha256((folder / FACTORS).read_bytes()).hexdigest()
    except OSError as exc:
        raise ModelBroken(f"{folder} has no {FACTORS} ({exc}); copy the model folder again.") from exc
    if found != packed.sha256:
        raise ModelBroken(
            f"{folder / FACTORS} is not the file that {PACKED} speaks of: copied only in part, or exchanged. "
            f"Copy the whole model folder again."
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
    """Write the difference between two models of sentence-transformers.

    Parameters
    ----------
    trained, base
        The models in memory; `base` may have more layers, and lack an output layer.
    rank
        Of the factors; a smaller matrix is kept whole.
    share
        Of the change that is kept: between the base (0) and what was trained (1) there may be a model that gains nearly
        as much and forgets less (Wortsman et al. 2022, arXiv:2109.01903). What the base has not is kept as it is.

    Raises
    ------
    ShapeError
        If the two do not share their shapes.
    """
    from safetensors.torch import save

    before, after = _weights(base), _weights(trained)
    tensors: dict[str, Any] = {}
    for name, weight in after.items():
        start = before.get(name)
        if start is not None and start.shape != weight.shape:
            raise ShapeError(f"{name} has the shape {tuple(weight.shape)}, in the base {tuple(start.shape)}.")
        change = weight if start is None else (weight - start) * share
        if start is None or change.abs().max() > _IGNORED:
            tensors |= _packed_change(name, change, rank=rank, is_new=start is None)
    folder.mkdir(parents=True, exist_ok=True)
    data = save(tensors)
    layers = int(trained[0].model.config.num_hidden_layers)
    digest = hashlib.sha256(data).hexdigest()
    limit = int(trained.get_max_seq_length() or 0) if kind == PAIR_KIND else 0
    packed = Packed(kind, base_name, base_hash, layers, rank, share, digest, max_tokens=limit)
    (folder / FACTORS).write_bytes(data)
    (folder / PACKED).write_text(json.dumps(asdict(packed), indent=1) + "\n", encoding="utf-8")
    return packed


def unpack_into(module: Any, folder: Path) -> Any:
    """Add the changes of a packed folder to its base, in place.

    Raises
    ------
    ModelBroken
        If they do not fit the base.
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
                raise ModelBroken(f"{folder} speaks of {target} {tuple(change.shape)}, which its base has not.")
            weight.copy_(change) if part == "new" else weight.add_(change)
    return module


def _packed_change(name: str, change: Any, *, rank: int, is_new: bool) -> dict[str, Any]:
    import torch

    if is_new or change.ndim != 2 or rank * sum(change.shape) >= change.numel():
        return {f"{name}|{'new' if is_new else 'add'}": change.half().contiguous()}
    left, values, right = torch.linalg.svd(change, full_matrices=False)
    root = values[:rank].sqrt()  # on both sides evenly, so that neither leaves the range of half precision
    return {
        f"{name}|B": (left[:, :rank] * root).half().contiguous(),
        f"{name}|A": (root[:, None] * right[:rank]).half().contiguous(),
    }


def _weights(module: Any) -> dict[str, Any]:
    return {name: weight.detach().float() for name, weight in _parameters(module).items()}


def _parameters(module: Any) -> dict[str, Any]:
    """Parameters by name, the same for an encoder and for the cross-encoder that starts from it."""
    model = module[0].model
    prefix = f"{model.base_model_prefix}."
    return {name.removeprefix(prefix): parameter for name, parameter in model.named_parameters()}
