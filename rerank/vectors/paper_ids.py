"""Document ids of rows and rows of ids, in mapped files: a million ids as Python strings take 200 MB a process.

The ids are a text with a line for each row. A table of their hashes, in order, finds the row of an id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rerank.arrays import AnyArray, Bytes, Hashes, Mask, Rows
from rerank.errors import ShapeError

ARRAYS = ("id_ends", "id_hashes", "id_rows")  # the names of the array files


@dataclass(frozen=True, slots=True)
class PaperIds:
    """The ids of some rows.

    Attributes
    ----------
    text : uint8, the ids in UTF-8, each followed by a line break
    ends : uint32 (n_rows,), the place of each line break
    hashes : uint64 (n_rows,), :func:`id_hashes` in increasing order
    rows : uint32 (n_rows,), the row of each of these hashes
    """

    text: Bytes
    ends: AnyArray
    hashes: Hashes
    rows: AnyArray

    @classmethod
    def of(cls, ids: Sequence[str]) -> PaperIds:
        """The table of a list of ids."""
        lines = [doc_id.encode() for doc_id in ids]
        lengths = np.array([len(line) + 1 for line in lines], dtype=np.int64)
        text = np.frombuffer(b"".join(line + b"\n" for line in lines), dtype=np.uint8)
        hashes = id_hashes(ids)
        order = np.argsort(hashes, kind="stable")
        ends = (np.cumsum(lengths) - 1).astype(np.uint32)
        return cls(text, ends, hashes[order], order.astype(np.uint32))

    @classmethod
    def mapped(cls, text: Bytes, arrays: Mapping[str, AnyArray]) -> PaperIds:
        """The table in the files of :meth:`arrays`."""
        # As plain arrays: slices of a memmap object cost ten times as much.
        return cls(text, *(np.asarray(arrays[name]) for name in ARRAYS))

    def __len__(self) -> int:
        return len(self.ends)

    def arrays(self) -> dict[str, AnyArray]:
        """The arrays to write beside the text, by name."""
        return dict(zip(ARRAYS, (self.ends, self.hashes, self.rows), strict=True))

    def of_rows(self, rows: Rows) -> list[str]:
        """The ids of some rows."""
        ends = self.ends[rows].tolist()
        starts = np.where(rows > 0, self.ends[np.maximum(rows, 1) - 1].astype(np.int64) + 1, 0).tolist()
        text: Any = self.text.data
        return [str(text[start:end], "utf-8") for start, end in zip(starts, ends, strict=True)]

    def find(self, hashes: Hashes, alive: Mask) -> Rows:
        """The living row of each hash, shape (n_hashes,); −1 where there is none.

        Parameters
        ----------
        alive : bool, shape (n_rows,)
            A replaced paper leaves a dead row of the same id.
        """
        n_rows = len(self)
        found = np.full(len(hashes), -1, dtype=np.int64)
        if not n_rows:
            return found
        place = np.searchsorted(self.hashes, hashes)
        pending = np.flatnonzero(place < n_rows)
        while len(pending):
            pending = pending[self.hashes[place[pending]] == hashes[pending]]
            rows = self.rows[place[pending]].astype(np.int64)
            lives = alive[rows]
            found[pending[lives]] = rows[lives]
            pending = pending[~lives]
            place[pending] += 1
            pending = pending[place[pending] < n_rows]
        return found


def id_hashes(ids: Iterable[str]) -> Hashes:
    """64 bits of the BLAKE2b hash of each id. Among a million ids, two share theirs with a probability of 3e-8.

    >>> len(set(id_hashes(["a", "b", "a"]).tolist()))
    2
    """
    blake2b = hashlib.blake2b
    digests = b"".join(blake2b(doc_id.encode(), digest_size=8).digest() for doc_id in ids)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64, copy=False)


def check_ids(ids: Sequence[str]) -> None:
    """Check that ids are unique and contain no line break.

    Raises
    ------
    ShapeError
        If not.
    """
    if len(set(ids)) != len(ids) or any("\n" in doc_id for doc_id in ids):
        raise ShapeError("Document ids must be unique and contain no line breaks.")
