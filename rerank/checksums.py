"""Checksums of a file by blocks, so that damage costs the blocks that it hits. Start at :func:`damaged_blocks`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

BLOCK_BYTES = 1 << 16  # 42 vectors of 384 dimensions; checksums of 150 MB take 2,300 numbers


def block_checksums(path: Path) -> list[int]:
    """CRC-32 of each block of a file; the last block may be shorter. Reads about 1 GB per second."""
    return list(_checksums(path))


def damaged_blocks(path: Path, expected: Sequence[int], *, n_bytes: int) -> set[int]:
    """Numbers of the blocks that differ from their checksums; all of them if the file is missing.

    Parameters
    ----------
    expected
        As :func:`block_checksums` returned them; empty accepts every content of the right size.
    n_bytes
        Size of the undamaged file.
    """
    numbers = set(range(max(1, -(-n_bytes // BLOCK_BYTES))))
    try:
        actual = block_checksums(path)
        size = path.stat().st_size
    except OSError:
        return numbers
    if not expected:
        return set() if size == n_bytes else numbers
    if size > n_bytes:
        return numbers
    agreeing = {block for block, pair in enumerate(zip(actual, expected, strict=False)) if pair[0] == pair[1]}
    return numbers - agreeing


def _checksums(path: Path) -> Iterator[int]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield zlib.crc32(block)
