"""Artifacts: folders of arrays with a manifest, replaced atomically.

A folder holds array files with a generation in their name, and ``manifest.json``, which lists them with their sizes and
shapes and names the model they were computed with. Writing adds the new files and then replaces the manifest by one
atomic rename: a reader sees the old generation or the new one, never a mixture, and a process killed half way leaves
the old one in force. Readers that have mapped the old files keep them until they close them.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rerank.arrays import AnyArray, Bytes
from rerank.errors import ArtifactBroken, ArtifactMissing, BuildRunning, ModelMismatch

T = TypeVar("T")

MANIFEST = "manifest.json"
FORMAT = 1  # version of this layout; folders of another version are refused


@dataclass(frozen=True, slots=True)
class Manifest:
    """Content of ``manifest.json``.

    ``files`` maps a name to ``{"file", "bytes", "shape", "dtype"}``; only arrays have shape and dtype.
    """

    kind: str
    model: str
    model_hash: str
    versions: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Artifact:
    """An opened folder and its manifest."""

    folder: Path
    manifest: Manifest

    def path(self, name: str) -> Path:
        """Path of one file, after its size was checked.

        Raises
        ------
        ArtifactBroken
            If the file is missing, or its size differs from the manifest (an interrupted copy, a full disk).
        """
        entry = self.manifest.files.get(name)
        if entry is None:
            raise ArtifactBroken(f"{self.folder} has no {name!r}; it holds {', '.join(self.manifest.files)}.")
        path = self.folder / str(entry["file"])
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            size = None
        if size != entry["bytes"]:
            state = "is missing" if size is None else f"has {size} bytes instead of {entry['bytes']}"
            raise ArtifactBroken(f"{path} {state}: the folder was not written to the end; build it again.")
        return path

    def text(self, name: str) -> str:
        """Read one text file."""
        path = self.path(name)
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, ValueError) as exc:
            raise ArtifactBroken(f"{path} is not a readable text ({exc}); build it again.") from exc

    def array(self, name: str, *, mmap: bool = True) -> AnyArray:
        """Read one array; memory-mapped read-only, or loaded if not `mmap`."""
        path = self.path(name)
        try:
            loaded: AnyArray = np.load(path, mmap_mode="r" if mmap else None, allow_pickle=False)
        except (ValueError, OSError) as exc:
            raise ArtifactBroken(f"{path} is not a readable array ({exc}); build it again.") from exc
        return loaded


def write_artifact(
    folder: Path,
    manifest: Manifest,
    *,
    arrays: Mapping[str, AnyArray],
    texts: Mapping[str, str] | None = None,
    beside: Mapping[str, Path] | None = None,
) -> Artifact:
    """Write a new generation, make it current, and remove the files of the old one.

    `beside` maps names to files of this generation that are already in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    generation = uuid.uuid4().hex[:12]
    files: dict[str, Mapping[str, Any]] = {}
    for name, array in arrays.items():
        path = folder / f"{name}-{generation}.npy"
        with path.open("wb") as stream:
            np.save(stream, np.ascontiguousarray(array), allow_pickle=False)
            _flush(stream)
        files[name] = _entry(path) | {"shape": list(array.shape), "dtype": str(array.dtype)}
    for name, text in (texts or {}).items():
        path = folder / f"{name}-{generation}.txt"
        with path.open("w", encoding="utf-8") as text_stream:
            text_stream.write(text)
            _flush(text_stream)
        files[name] = _entry(path)
    files.update({name: _entry(path) for name, path in (beside or {}).items()})
    current = Manifest(**{**asdict(manifest), "files": {name: dict(entry) for name, entry in files.items()}})
    replace_text(folder / MANIFEST, json.dumps(asdict(current), indent=1, sort_keys=True) + "\n")
    _remove_stale(folder, keep={str(entry["file"]) for entry in files.values()})
    return Artifact(folder=folder, manifest=current)


def read_artifact(
    folder: Path, read: Callable[[Artifact], T], *, kind: str, model_hash: str | None = None, model: str = ""
) -> T:
    """Open a folder and read it with `read`; retries if another process replaced it meanwhile.

    Parameters
    ----------
    read
        Opens or maps the files it needs. Files that are open survive a replacement of the folder.
    model_hash
        Hash of the model in use; None accepts any model.
    model
        Name of the model in use, for the error message.

    Raises
    ------
    ArtifactMissing
        If there is no manifest.
    ArtifactBroken
        If the manifest cannot be read, is of another kind or format, or a file does not have the size it states.
    ModelMismatch
        If the folder was built with another model.
    """
    while True:
        artifact = open_artifact(folder, kind=kind, model_hash=model_hash, model=model)
        try:
            return read(artifact)
        except ArtifactBroken:
            if read_manifest(folder, kind=kind) == artifact.manifest:
                raise


def open_artifact(folder: Path, *, kind: str, model_hash: str | None = None, model: str = "") -> Artifact:
    """Read and check the manifest; files are checked when they are read. Raises as :func:`read_artifact` does."""
    artifact = Artifact(folder=folder, manifest=read_manifest(folder, kind=kind))
    if model_hash is not None and artifact.manifest.model_hash != model_hash:
        actual = _model_label(artifact.manifest.model, artifact.manifest.model_hash)
        expected = _model_label(model, model_hash)
        raise ModelMismatch(
            f"{folder} was built with {actual}, and {expected} is in use; build it again.",
            actual=actual,
            expected=expected,
        )
    return artifact


def read_manifest(folder: Path, *, kind: str) -> Manifest:
    """Read and check the manifest. Raises ArtifactMissing and ArtifactBroken as :func:`read_artifact` does."""
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(**raw)
    except FileNotFoundError as exc:
        raise ArtifactMissing(f"Nothing was built in {folder} yet ({kind}); build it first.") from exc
    except (ValueError, TypeError) as exc:
        raise ArtifactBroken(f"{path} cannot be read ({exc}); build it again.") from exc
    if manifest.format != FORMAT or manifest.kind != kind:
        raise ArtifactBroken(
            f"{path} holds {manifest.kind!r} in format {manifest.format}; expected {kind!r} in format {FORMAT};"
            " build it again."
        )
    return manifest


@contextlib.contextmanager
def build_lock(folder: Path) -> Iterator[None]:
    """Exclusive lock of a folder for one builder; the system releases it when the process ends.

    Raises
    ------
    BuildRunning
        If another process holds the lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise BuildRunning(f"Another process is building {folder}. Wait until it ends, or stop it.") from exc
        yield


def content_hash(text: str) -> bytes:
    """BLAKE2b hash of a text, 16 bytes: the key of its vector.

    >>> content_hash("a") == content_hash("a"), content_hash("a") == content_hash("b"), len(content_hash("a"))
    (True, False, 16)
    """
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def content_hashes(texts: Sequence[str]) -> Bytes:
    """:func:`content_hash` of many texts: uint8, shape (n_texts, 16)."""
    digests = b"".join(map(content_hash, texts))
    return np.frombuffer(digests, dtype=np.uint8).reshape(len(texts), 16)


def replace_text(path: Path, text: str) -> None:
    """Replace a text file atomically: a reader sees the old content or the new one."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    with part.open("w", encoding="utf-8") as stream:
        stream.write(text)
        _flush(stream)
    part.replace(path)


def _entry(path: Path) -> dict[str, Any]:
    return {"file": path.name, "bytes": path.stat().st_size}


def _flush(stream: Any) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _model_label(model: str, model_hash: str) -> str:
    return f"model {model!r} ({model_hash[:12]})"


def _remove_stale(folder: Path, *, keep: set[str]) -> None:
    for path in folder.iterdir():
        is_stale = path.suffix in {".npy", ".txt", ".faiss"} and path.name not in keep
        if is_stale and path.is_file():
            path.unlink(missing_ok=True)
