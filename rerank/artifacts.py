"""Artifacts: folders of arrays with a manifest, replaced atomically.

A folder holds array files with a generation in their name, and ``manifest.json``, which lists them with their sizes,
checksums and shapes and names the model they were computed with. Writing flushes the new files to the disk and then
replaces the manifest by one atomic rename: a reader sees the old generation or the new one, never a mixture, and a
killed process leaves the old one current. Readers that have mapped the old files keep them until they close
them. ``manifest.backup.json`` is a copy of the manifest, from which :func:`salvage_manifest` reads the checksums when
the manifest itself is damaged.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rerank.arrays import AnyArray, Bytes
from rerank.checksums import block_checksums, damaged_blocks
from rerank.errors import ArtifactBroken, ArtifactMissing, BuildRunning, ModelMismatch

T = TypeVar("T")

MANIFEST = "manifest.json"
BACKUP = "manifest.backup.json"
FORMAT = 1  # version of this layout; folders of another version are refused
# Files up to this size are compared with their checksums when they are opened, which takes 0.3 s at most. Larger ones
# are compared by Artifact.damaged_files, which the site calls once a day.
VERIFIED_WHEN_OPENED_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """Content of ``manifest.json``.

    ``files`` maps a name to ``{"file", "bytes", "crc", "shape", "dtype"}``; only arrays have shape and dtype, and
    folders of older versions have no checksums. ``damage`` says what a check found damaged; such a folder is refused.
    """

    kind: str
    model: str
    model_hash: str
    versions: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    format: int = FORMAT
    damage: str = ""


@dataclass(frozen=True, slots=True)
class Artifact:
    """An opened folder and its manifest."""

    folder: Path
    manifest: Manifest

    def path(self, name: str, *, content: str = "file") -> Path:
        """Path of one file, after its size was checked, and its checksums unless it is large.

        Raises
        ------
        ArtifactBroken
            If the file is missing, or differs from the manifest (an interrupted copy, a full disk, a damaged disk).
        """
        entry = self.manifest.files.get(name)
        if entry is None:
            raise ArtifactBroken(f"{self.folder} has no {name!r}; it contains {', '.join(self.manifest.files)}.")
        path = self.folder / str(entry["file"])
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            size = None
        if size is None or size != entry["bytes"]:
            state = "is missing" if size is None else f"has {size} bytes instead of {entry['bytes']}"
            raise ArtifactBroken(f"{path} {state}: the folder was not written completely; build it again.")
        if size <= VERIFIED_WHEN_OPENED_BYTES and damaged_blocks(path, entry.get("crc", ()), n_bytes=size):
            raise ArtifactBroken(f"{path} is not a readable {content} (it differs from its checksum); build it again.")
        return path

    def damaged_files(self, *, names: Iterable[str] | None = None) -> list[str]:
        """The files that are missing or differ from their checksums, among those `names` (None: all). Reads them."""
        entries = self.manifest.files.values() if names is None else [self.manifest.files[name] for name in names]
        return [
            str(entry["file"])
            for entry in entries
            if damaged_blocks(self.folder / str(entry["file"]), entry.get("crc", ()), n_bytes=int(entry["bytes"]))
        ]

    def text(self, name: str) -> str:
        """Read one text file."""
        path = self.path(name, content="text")
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, ValueError) as exc:
            raise ArtifactBroken(f"{path} is not a readable text ({exc}); build it again.") from exc

    def array(self, name: str, *, mmap: bool = True) -> AnyArray:
        """Read one array; memory-mapped read-only, or loaded if not `mmap`."""
        path = self.path(name, content="array")
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
    kept: Mapping[str, Mapping[str, Any]] | None = None,
) -> Artifact:
    """Write a new generation, make it current, and remove the files of the old one.

    `beside` maps names to files of this generation that are already in the folder, and `kept` maps names to the entries
    of files of the old generation that belong to this one too. All files are on the disk before the manifest names
    them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    generation = uuid.uuid4().hex[:12]
    files: dict[str, Mapping[str, Any]] = dict(kept or {})
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
    for name, path in (beside or {}).items():
        sync(path)
        files[name] = _entry(path)
    current = Manifest(**{**asdict(manifest), "files": {name: dict(entry) for name, entry in files.items()}})
    replace_manifest(folder, current)
    remove_stale(folder, keep={str(entry["file"]) for entry in files.values()})
    return Artifact(folder=folder, manifest=current)


def replace_manifest(folder: Path, manifest: Manifest) -> None:
    """Make a manifest the current one. Its files must be on the disk."""
    sync(folder)  # the names of the new files
    fields = asdict(manifest)
    text = json.dumps({**fields, "crc": _manifest_checksum(fields)}, indent=1, sort_keys=True) + "\n"
    replace_text(folder / MANIFEST, text)
    replace_text(folder / BACKUP, text)


def record_damage(folder: Path, damage: str, *, kind: str) -> None:
    """Mark the current generation as damaged: every process that opens it raises ArtifactBroken from now on.

    Hold :func:`build_lock`. Raises as :func:`read_manifest` does.
    """
    replace_manifest(folder, replace(read_manifest(folder, kind=kind), damage=damage))


def salvage_manifest(folder: Path, *, kind: str) -> Manifest | None:
    """The manifest of a damaged folder, or its backup; None if neither can be read."""
    for name in (MANIFEST, BACKUP):
        with contextlib.suppress(ArtifactMissing, ArtifactBroken):
            return replace(_read_manifest(folder / name, kind=kind), damage="")
    return None


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
        If the manifest cannot be read, is of another kind or format, or a file differs from it.
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
    manifest = _read_manifest(folder / MANIFEST, kind=kind)
    if manifest.damage:
        raise ArtifactBroken(f"{folder} is damaged ({manifest.damage}); build it again.")
    return manifest


def _read_manifest(path: Path, *, kind: str) -> Manifest:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        checksum = raw.pop("crc", None)
        manifest = Manifest(**raw)
    except FileNotFoundError as exc:
        raise ArtifactMissing(f"Nothing was built in {path.parent} yet ({kind}); build it first.") from exc
    except (ValueError, TypeError, AttributeError, OSError) as exc:
        raise ArtifactBroken(f"{path} cannot be read ({exc}); build it again.") from exc
    if manifest.format != FORMAT or manifest.kind != kind:
        raise ArtifactBroken(
            f"{path} holds {manifest.kind!r} in format {manifest.format}; expected {kind!r} in format {FORMAT};"
            " build it again."
        )
    if checksum is not None and checksum != _manifest_checksum(asdict(manifest)):
        raise ArtifactBroken(f"{path} differs from its checksum; build it again.")
    return manifest


def _manifest_checksum(fields: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(fields, sort_keys=True).encode())


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
    try:
        with part.open("w", encoding="utf-8") as stream:
            stream.write(text)
            _flush(stream)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk, so that they survive a power failure."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _entry(path: Path) -> dict[str, Any]:
    return {"file": path.name, "bytes": path.stat().st_size, "crc": block_checksums(path)}


def _flush(stream: Any) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _model_label(model: str, model_hash: str) -> str:
    return f"model {model!r} ({model_hash[:12]})"


def remove_stale(folder: Path, *, keep: set[str]) -> None:
    """Remove the files of the old generation, and those of killed and failed writers."""
    for path in folder.iterdir():
        is_data = path.suffix in {".npy", ".txt", ".faiss"} and path.name not in keep
        is_stale = is_data or path.name.startswith((f".{MANIFEST}.", f".{BACKUP}."))
        if is_stale and path.is_file():
            path.unlink(missing_ok=True)
