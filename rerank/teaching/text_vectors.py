"""Vectors of many texts on disk, by the hash of the text: half precision, memory-mapped, appended to in chunks.

Each teacher has a folder of its own, named after its hash, so that it does not matter where its model lies. A kill
loses the chunk that was being computed: vectors are written before the hashes that make them count, and what a kill
has cut off at the end of either file is dropped when the folder is opened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rerank.arrays import Halves, Rows, Vectors
from rerank.artifacts import build_lock, content_hash, replace_text, sync
from rerank.errors import ArtifactBroken, ShapeError
from rerank.stopping import Stop, never_stop
from rerank.teaching.teachers import Teacher

CHUNK_TEXTS = 256
_FORMAT = 1
_HASH_BYTES = 16
_QUERY = "query\0"  # before the text of a query, whose vector differs from that of a document

CountProgress = Callable[[int, int], None]  # texts embedded so far, texts to embed


def key_of(text: str, *, is_query: bool = False) -> bytes:
    """Key of a text's vector, 16 bytes; a query and a document of the same text differ."""
    return content_hash(_QUERY + text if is_query else text)


@dataclass
class TextVectors:
    """The vectors of one teacher.

    Parameters
    ----------
    folder
        Of the vectors of all teachers; this teacher's are in a folder within it.

    Raises
    ------
    ArtifactBroken
        If the folder is of another format, model or dimension.
    """

    folder: Path
    model: str  # its name, for people
    model_hash: str
    dim: int
    row_of: dict[bytes, int] = field(init=False, repr=False)
    vectors: Halves = field(init=False, repr=False)  # (n_rows, dim), unit rows

    def __post_init__(self) -> None:
        self.folder = self.folder / self.model_hash[:16]
        self.folder.mkdir(parents=True, exist_ok=True)
        about = {"format": _FORMAT, "model_hash": self.model_hash, "dim": self.dim}
        path = self.folder / "about.json"
        if not path.exists():
            replace_text(path, json.dumps({"model": self.model, **about}, indent=1) + "\n")
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as exc:
            raise ArtifactBroken(f"{path} cannot be read ({exc}); delete {self.folder} and embed again.") from exc
        if not isinstance(found, dict) or {name: found.get(name) for name in about} != about:
            raise ArtifactBroken(f"{path} describes other vectors ({found}); delete {self.folder} and embed again.")
        self.reload()

    def __len__(self) -> int:
        return len(self.row_of)

    def reload(self) -> None:
        """Read what is on the disk, which another process may have appended to."""
        vectors, hashes = self.folder / "vectors.f16", self.folder / "hashes.bin"
        sizes = [path.stat().st_size if path.exists() else 0 for path in (vectors, hashes)]
        n_rows = min(sizes[0] // (2 * self.dim), sizes[1] // _HASH_BYTES)
        data = hashes.read_bytes()[: n_rows * _HASH_BYTES] if n_rows else b""
        self.row_of = {data[row * _HASH_BYTES : (row + 1) * _HASH_BYTES]: row for row in range(n_rows)}
        self.vectors = (
            np.memmap(vectors, dtype=np.float16, mode="r", shape=(n_rows, self.dim))
            if n_rows
            else np.zeros((0, self.dim), dtype=np.float16)
        )

    def append(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Append vectors (n_keys, dim); they are on the disk when this returns.

        Raises
        ------
        ShapeError
            If there is not one vector of this dimension per key.
        BuildRunning
            If another process is appending.
        """
        if vectors.shape != (len(keys), self.dim):
            raise ShapeError(f"{len(keys)} keys need vectors of dimension {self.dim}, got shape {vectors.shape}.")
        with build_lock(self.folder):
            self.reload()
            n_rows = len(self.vectors)
            parts = ((np.asarray(vectors, dtype=np.float16).tobytes(), 2 * self.dim), (b"".join(keys), _HASH_BYTES))
            for name, (data, row_bytes) in zip(("vectors.f16", "hashes.bin"), parts, strict=True):
                path = self.folder / name
                with path.open("ab") as stream:
                    stream.truncate(n_rows * row_bytes)
                    stream.write(data)
                sync(path)
            self.reload()

    def missing(self, texts: Sequence[str], *, is_query: bool = False) -> list[str]:
        """The texts without a vector, each once."""
        return [text for text in dict.fromkeys(texts) if key_of(text, is_query=is_query) not in self.row_of]

    def embed(
        self,
        teacher: Teacher,
        texts: Sequence[str],
        *,
        is_query: bool = False,
        stop: Stop = never_stop,
        progress: CountProgress | None = None,
    ) -> bool:
        """Embed the texts that have no vector; False if it was stopped.

        Parameters
        ----------
        progress
            Called after each chunk with the texts embedded so far and the texts to embed.
        """
        missing = self.missing(texts, is_query=is_query)
        encode = teacher.encode_queries if is_query else teacher.encode
        for start in range(0, len(missing), CHUNK_TEXTS):
            if stop():
                return False
            chunk = missing[start : start + CHUNK_TEXTS]
            self.append([key_of(text, is_query=is_query) for text in chunk], encode(chunk))
            if progress is not None:
                progress(start + len(chunk), len(missing))
        return True

    def rows(self, texts: Sequence[str], *, is_query: bool = False) -> Rows:
        """Row of each text, int64 (n_texts,); −1 for a text without a vector."""
        return np.array([self.row_of.get(key_of(text, is_query=is_query), -1) for text in texts], dtype=np.int64)

    def of_rows(self, rows: Rows) -> Vectors:
        """Vectors of rows, float32 (n_rows, dim)."""
        return np.asarray(self.vectors[rows], dtype=np.float32)
