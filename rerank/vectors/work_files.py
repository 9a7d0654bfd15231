"""Vectors that are computed and not published yet, by the hash of their text. Start at :class:`WorkFolder`.

Each chunk is a file of its own whose name ends in its checksum: a file that a kill, a full disk or a damaged disk has
cut is recognised and costs its own texts only. Names are random, so no writer overwrites a file of another one.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import uuid
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rerank.arrays import AnyArray, Mask, Vectors
from rerank.artifacts import Manifest, salvage_manifest, sync
from rerank.checksums import BLOCK_BYTES, damaged_blocks
from rerank.vectors.index import KIND
from rerank.vectors.segments import n_segments, segment_name

logger = logging.getLogger(__name__)

_SALVAGED = "salvaged"


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """``folder`` is made by the first write; files of another ``model_hash`` are not read."""

    folder: Path
    model_hash: str

    def read(self) -> dict[bytes, Vectors]:
        """All vectors by the hash of their text. Deletes unreadable files."""
        vectors: dict[bytes, Vectors] = {}
        for path in sorted(self.folder.glob(f"{self._prefix}-*.npz")):
            part = _read_part(path)
            if part is None:
                logger.warning("%s was cut off; its texts are embedded again.", path)
                path.unlink()
            else:
                vectors.update(part)
        return vectors

    def count_parts(self) -> int:
        """The number of chunks that are not published yet, unread."""
        return sum(1 for _path in self.folder.glob(f"{self._prefix}-*.npz"))

    def write(self, digests: Sequence[bytes], vectors: Vectors) -> None:
        """Write a chunk; it is on the disk when this returns."""
        self._write(f"{self._prefix}-{uuid.uuid4().hex[:12]}", digests, vectors)

    def salvage(self, published: Path) -> int:
        """Keep the undamaged vectors of a damaged folder of published vectors; return their number."""
        manifest = salvage_manifest(published, kind=KIND)
        if manifest is None or manifest.model_hash != self.model_hash:
            return 0
        digests, vectors = _undamaged_rows(published, manifest)
        if digests:
            self._write(f"{self._prefix}-{_SALVAGED}", digests, vectors)
        return len(digests)

    def clear(self, *, with_salvaged: bool) -> None:
        """Delete the files whose vectors are published."""
        for path in self.folder.glob("*"):
            if with_salvaged or _SALVAGED not in path.name:
                path.unlink(missing_ok=True)

    @property
    def _prefix(self) -> str:
        return self.model_hash[:16]

    def _write(self, name: str, digests: Sequence[bytes], vectors: Vectors) -> None:
        stream = io.BytesIO()
        np.savez(stream, hashes=np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 16), vectors=vectors)
        content = stream.getbuffer()
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f".{uuid.uuid4().hex[:12]}.tmp"
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.folder / f"{name}-{zlib.crc32(content):08x}.npz")
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync(self.folder)


def _read_part(path: Path) -> dict[bytes, Vectors] | None:
    """Vectors by hash; None if the file differs from the checksum in its name or has none."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if f"{zlib.crc32(content):08x}" != path.stem.rpartition("-")[2]:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as part:
        return dict(zip(map(bytes, part["hashes"]), part["vectors"], strict=True))


def _undamaged_rows(folder: Path, manifest: Manifest) -> tuple[list[bytes], Vectors]:
    """Text hashes and vectors of the rows whose blocks agree with their checksums in both files."""
    digests: list[bytes] = []
    parts: list[Vectors] = []
    for number in range(n_segments(manifest)):
        hashes = _mapped(folder, manifest, segment_name("hashes", number))
        vectors = _mapped(folder, manifest, segment_name("vectors", number))
        if hashes is not None and vectors is not None:
            rows = np.flatnonzero(hashes[1] & vectors[1])
            digests += [bytes(digest) for digest in hashes[0][rows]]
            # Copies: the mapped files are deleted by the next publication.
            parts.append(vectors[0][rows].astype(np.float32))
    return digests, np.concatenate(parts) if parts else np.zeros((0, 1), dtype=np.float32)


def _mapped(folder: Path, manifest: Manifest, name: str) -> tuple[AnyArray, Mask] | None:
    """The rows of an array file that are there, and which of them are undamaged; the rest of the rows is missing.

    None without checksums, as in folders of older versions: their damage cannot be told from data.
    """
    entry = manifest.files.get(name, {})
    if not entry.get("crc"):
        return None
    path = folder / str(entry["file"])
    n_rows, width = (int(size) for size in entry["shape"])
    dtype = np.dtype(str(entry["dtype"]))
    row_bytes = width * dtype.itemsize
    start = int(entry["bytes"]) - n_rows * row_bytes  # the header comes first
    damaged = damaged_blocks(path, entry["crc"], n_bytes=int(entry["bytes"]))
    is_good = np.array([damaged.isdisjoint(blocks) for blocks in _blocks_of_rows(start, row_bytes, n_rows)], dtype=bool)
    with contextlib.suppress(OSError, ValueError):
        present = max(0, min(n_rows, (path.stat().st_size - start) // row_bytes))
        if present:
            rows = np.memmap(path, dtype=dtype, mode="r", offset=start, shape=(present, width))
            table = np.zeros((n_rows, width), dtype=dtype)
            table[:present] = rows
            return table, is_good
    return None


def _blocks_of_rows(start: int, row_bytes: int, n_rows: int) -> Iterator[range]:
    """The numbers of the blocks that each row touches."""
    for row in range(n_rows):
        first = start + row * row_bytes
        yield range(first // BLOCK_BYTES, (first + row_bytes - 1) // BLOCK_BYTES + 1)
