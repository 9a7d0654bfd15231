"""Folders of arrays that say who made them, and are replaced in one step.

A folder holds array files with a generation in their name and one ``manifest.json`` that lists them with their sizes,
shapes and the hash of the model behind them. Writing puts the new files beside the old ones and then replaces the
manifest, which is one atomic rename: a reader sees the old generation or the new one, never a mixture, and a process
killed half way leaves the old one in force. Readers that have the old files mapped keep them until they let go.
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
FORMAT = 1  # of this layout; another number is refused


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder holds.

    ``files`` maps a name to ``{"file", "bytes", "shape", "dtype"}``; shape and dtype only for arrays.
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
    """An opened folder: its manifest and where its files lie."""

    folder: Path
    manifest: Manifest

    def path(self, name: str) -> Path:
        """Path of one file, after a look at its size.

        Raises
        ------
        ArtifactBroken
            If the file is absent or shorter or longer than the manifest says (a copy broken off, a full disk).
        """
        entry = self.manifest.files.get(name)
        if entry is None:
            raise ArtifactBroken(f"{self.folder} has no {name!r}; it holds {', '.join(self.manifest.files)}.")
        path = self.folder / str(entry["file"])
        found = path.stat().st_size if path.exists() else -1
        if found != entry["bytes"]:
            state = "is missing" if found < 0 else f"has {found} bytes instead of {entry['bytes']}"
            raise ArtifactBroken(f"{path} {state}: the folder was not written to the end; build it again.")
        return path

    def text(self, name: str) -> str:
        """One text."""
        path = self.path(name)
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, ValueError) as exc:
            raise ArtifactBroken(f"{path} is not a readable text ({exc}); build it again.") from exc

    def array(self, name: str, *, mmap: bool = True) -> AnyArray:
        """One array, memory-mapped read-only unless told otherwise."""
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
    """Write a new generation beside the old one and make it current; the old files are removed afterwards.

    `beside` names files that were written into the folder already and belong to this generation.
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
    """Open a folder for the model in use and read it; begins again if it was replaced meanwhile.

    Parameters
    ----------
    read
        Opens the files. Once they are open or mapped, a replacement does not touch them.
    model_hash
        Hash of the model whose scores or vectors are wanted; None takes any (for tools that only look).
    model
        Its name, for the message.

    Raises
    ------
    ArtifactMissing
        If there is no manifest.
    ArtifactBroken
        If the manifest cannot be read, is of another kind or format, or a file is not as long as it says.
    ModelMismatch
        If another model made it.
    """
    while True:
        artifact = open_artifact(folder, kind=kind, model_hash=model_hash, model=model)
        try:
            return read(artifact)
        except ArtifactBroken:
            if read_manifest(folder, kind=kind) == artifact.manifest:
                raise


def open_artifact(folder: Path, *, kind: str, model_hash: str | None = None, model: str = "") -> Artifact:
    """The manifest, checked; the files are looked at when they are asked for. Raises as :func:`read_artifact` does."""
    artifact = Artifact(folder=folder, manifest=read_manifest(folder, kind=kind))
    if model_hash is not None and artifact.manifest.model_hash != model_hash:
        found = _named(artifact.manifest.model, artifact.manifest.model_hash)
        wanted = _named(model, model_hash)
        raise ModelMismatch(
            f"{folder} was made by {found}, and {wanted} is in use; build it again.", found=found, wanted=wanted
        )
    return artifact


def read_manifest(folder: Path, *, kind: str) -> Manifest:
    """The manifest alone; raises as :func:`open_artifact` does."""
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(**raw)
    except FileNotFoundError as exc:
        raise ArtifactMissing(f"Nothing was built in {folder} yet ({kind}).") from exc
    except (ValueError, TypeError) as exc:
        raise ArtifactBroken(f"{path} cannot be read ({exc}); build it again.") from exc
    if manifest.format != FORMAT or manifest.kind != kind:
        raise ArtifactBroken(
            f"{path} holds {manifest.kind!r} in format {manifest.format}, {kind!r} in format {FORMAT} is wanted;"
            " build it again."
        )
    return manifest


@contextlib.contextmanager
def build_lock(folder: Path) -> Iterator[None]:
    """Hold the folder for one builder; the lock dies with the process, whatever kills it.

    Raises
    ------
    BuildRunning
        If another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise BuildRunning(f"Another process is building {folder}; wait for it or stop it.") from exc
        yield


def content_hash(text: str) -> bytes:
    """16 bytes that change with the text: what a paper's vector is filed under.

    >>> content_hash("a") == content_hash("a"), content_hash("a") == content_hash("b"), len(content_hash("a"))
    (True, False, 16)
    """
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def content_hashes(texts: Sequence[str]) -> Bytes:
    """:func:`content_hash` of many texts: uint8, shape (n_texts, 16)."""
    joined = b"".join(map(content_hash, texts))
    return np.frombuffer(joined, dtype=np.uint8).reshape(len(texts), 16)


def replace_text(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old content or the new one, and nothing between."""
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


def _named(model: str, model_hash: str) -> str:
    return f"model {model!r} ({model_hash[:12]})"


def _remove_stale(folder: Path, *, keep: set[str]) -> None:
    for path in folder.iterdir():
        stale = path.suffix in {".npy", ".txt", ".faiss"} and path.name not in keep
        if stale and path.is_file():
            path.unlink(missing_ok=True)
