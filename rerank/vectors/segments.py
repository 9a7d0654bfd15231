"""Segments: the files of consecutive rows of a folder of vectors. An update writes a new last segment and keeps the
others, so that a day's papers do not cost the library's size. Start at :class:`Segment`.

A segment has the vectors in float16 (their inner products differ by 1e-4 from those of float32), the hashes of the
texts, and the ids (:mod:`rerank.vectors.paper_ids`). The first has the plain names ``vectors``, ``hashes`` …; the
others have a number: ``vectors.1``. Folders of older versions have one segment, in float32 and without tables of ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rerank.arrays import AnyArray, Bytes, Rows
from rerank.artifacts import Artifact, Manifest
from rerank.errors import ArtifactBroken
from rerank.vectors.paper_ids import ARRAYS, PaperIds

MAX_SEGMENTS = 8  # a search looks ids up in each
SEGMENT_ROWS = 20_000  # segments are joined up to this size: 17 MB
ROWS_DTYPE = np.float16


class StackedArrays:
    """Arrays of equal width, one above the other, without a copy: rows are read from the mapped files.

    Parameters
    ----------
    parts : arrays of shape (n, width)
    dtype : of the rows that are returned
    """

    def __init__(self, parts: Sequence[AnyArray], *, dtype: Any) -> None:
        # As plain arrays: slices of a memmap object cost ten times as much.
        self.parts = [np.asarray(part) for part in parts]
        self.dtype = np.dtype(dtype)
        self._starts = np.cumsum([0, *map(len, self.parts)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    @property
    def shape(self) -> tuple[int, int]:
        return len(self), int(self.parts[0].shape[1])

    def __getitem__(self, rows: Any) -> AnyArray:
        """Copies of one row (width,), or of a slice, a mask or a list of rows (n, width)."""
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            rows = np.arange(start, stop, step)
        elif isinstance(rows, int | np.integer):
            chosen: AnyArray = self[np.array([rows])][0]
            return chosen
        rows = np.asarray(rows)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.int64, copy=False)
        if len(self.parts) == 1:
            only: AnyArray = self.parts[0][rows].astype(self.dtype)
            return only
        result = np.empty((*rows.shape, self.shape[1]), dtype=self.dtype)
        numbers = np.searchsorted(self._starts, rows, side="right") - 1
        for number, part in enumerate(self.parts):
            here = numbers == number
            if here.any():
                result[here] = part[rows[here] - self._starts[number]]
        return result

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> AnyArray:
        return np.concatenate(self.parts).astype(dtype or self.dtype)


@dataclass(frozen=True)
class Segment:
    """The rows of one segment: vectors (n_rows, dim), text hashes (n_rows, 16) and ids."""

    vectors: AnyArray
    hashes: Bytes
    ids: PaperIds
    entries: Mapping[str, Mapping[str, Any]]  # in the manifest, by their names in the first segment

    def __len__(self) -> int:
        return len(self.vectors)

    @cached_property
    def files(self) -> frozenset[str]:
        """The names of its files."""
        return frozenset(str(entry["file"]) for entry in self.entries.values())


@dataclass(frozen=True, slots=True)
class NewRows:
    """Rows to write: vectors (n_rows, dim), text hashes (n_rows, 16) and ids."""

    vectors: AnyArray
    hashes: Bytes
    ids: Sequence[str]

    def __len__(self) -> int:
        return len(self.ids)

    def arrays(self, ids: PaperIds, number: int) -> dict[str, AnyArray]:
        """The arrays of the segment of this number, by name; `ids` is the table of the ids."""
        arrays = {"vectors": self.vectors, "hashes": self.hashes, **ids.arrays()}
        return {segment_name(name, number): array for name, array in arrays.items()}


def segment_name(name: str, number: int) -> str:
    """The name of a file of a segment.

    >>> segment_name("vectors", 0), segment_name("vectors", 3)
    ('vectors', 'vectors.3')
    """
    return f"{name}.{number}" if number else name


def n_segments(manifest: Manifest) -> int:
    """The number of segments of a folder."""
    return sum(name.partition(".")[0] == "vectors" for name in manifest.files)


def open_segments(artifact: Artifact, *, opened: Sequence[Segment] = ()) -> list[Segment]:
    """All segments of a folder; those of `opened` whose files are the same stay open.

    Raises
    ------
    ArtifactBroken
        If a file is missing or damaged.
    """
    by_files = {segment.files: segment for segment in opened}
    segments = []
    for number in range(n_segments(artifact.manifest)) or (0,):
        segment = _open_segment(artifact, number, by_files)
        lengths = {len(segment.vectors), len(segment.hashes), len(segment.ids)}
        if len(lengths) != 1:
            raise ArtifactBroken(f"In {artifact.folder}, ids and vectors differ in length; build it again.")
        segments.append(segment)
    return segments


def kept_segments(sizes: Sequence[int], n_new: int) -> int:
    """How many of the first segments stay as they are when rows are added; the others are joined with the new rows.

    Small segments are joined, so that there are few; large ones only with as many new rows, so that each row is
    written a few times in its life (as in a log-structured merge tree, O'Neil et al. 1996).

    >>> kept_segments([1_000_000, 5_000], 1_000), kept_segments([1_000_000, 19_500], 1_000), kept_segments([30], 40)
    (1, 2, 0)
    """
    n_kept = len(sizes)
    while n_kept and (sizes[n_kept - 1] + n_new <= SEGMENT_ROWS or sizes[n_kept - 1] <= n_new):
        n_kept -= 1
        n_new += sizes[n_kept]
    if n_kept >= MAX_SEGMENTS:
        n_kept = 1 if sizes[0] > sum(sizes[1:]) else 0
    return n_kept


def _open_segment(artifact: Artifact, number: int, opened: Mapping[frozenset[str], Segment]) -> Segment:
    names = ("vectors", "hashes", "ids", *ARRAYS)
    files = artifact.manifest.files
    entries = {name: files[segment_name(name, number)] for name in names if segment_name(name, number) in files}
    same = opened.get(frozenset(str(entry["file"]) for entry in entries.values()))
    if same is not None:
        return same
    arrays = {
        name: artifact.array(segment_name(name, number))
        for name in ("vectors", "hashes", *ARRAYS)
        if name not in ARRAYS or name in entries
    }
    if set(ARRAYS) <= arrays.keys():
        ids = PaperIds.mapped(_mapped_text(artifact, segment_name("ids", number)), arrays)
    else:  # a folder of an older version
        ids = PaperIds.of(artifact.text("ids").split("\n")[: len(arrays["vectors"])])
    return Segment(arrays["vectors"], arrays["hashes"], ids, entries)


def _mapped_text(artifact: Artifact, name: str) -> Bytes:
    path = artifact.path(name, content="text")
    return np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.zeros(0, dtype=np.uint8)


def find_rows(segments: Sequence[Segment], hashes: Any, alive: Any) -> Rows:
    """The living row of each id hash in all segments; −1 where there is none."""
    found = np.full(len(hashes), -1, dtype=np.int64)
    start = 0
    for segment in segments:
        missing = np.flatnonzero(found < 0)
        if not len(missing):
            break
        rows = segment.ids.find(hashes[missing], alive[start : start + len(segment)])
        found[missing] = np.where(rows >= 0, rows + start, -1)
        start += len(segment)
    return found
