from __future__ import annotations

from pathlib import Path

import pytest

from rerank.checksums import BLOCK_BYTES, block_checksums, damaged_blocks

CONTENT = bytes(range(256)) * (BLOCK_BYTES // 256) * 3 + b"the last block is shorter"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.write_bytes(CONTENT)
    return path


def damage_after(path: Path, content: bytes | None) -> set[int]:
    expected = block_checksums(path)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    return damaged_blocks(path, expected, n_bytes=len(CONTENT))


def test_an_undamaged_file_has_no_damaged_block(path: Path) -> None:
    assert damage_after(path, CONTENT) == set()


def test_a_flipped_byte_damages_its_block_only(path: Path) -> None:
    at = BLOCK_BYTES + 5
    assert damage_after(path, CONTENT[:at] + b"?" + CONTENT[at + 1 :]) == {1}


@pytest.mark.parametrize(
    ("content", "damaged"),
    [
        (CONTENT[: 2 * BLOCK_BYTES], {2, 3}),
        (CONTENT[: 2 * BLOCK_BYTES + 1], {2, 3}),
        (CONTENT[:-1], {3}),
        (b"", {0, 1, 2, 3}),
        (None, {0, 1, 2, 3}),
        (CONTENT + b"x", {0, 1, 2, 3}),
    ],
)
def test_a_cut_file_has_its_first_blocks(path: Path, content: bytes | None, damaged: set[int]) -> None:
    assert damage_after(path, content) == damaged


def test_without_checksums_the_size_decides(path: Path) -> None:
    assert damaged_blocks(path, (), n_bytes=len(CONTENT)) == set()
    assert damaged_blocks(path, (), n_bytes=len(CONTENT) + 1) == {0, 1, 2, 3}


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.touch()
    assert damaged_blocks(path, block_checksums(path), n_bytes=0) == set()
    path.unlink()
    assert damaged_blocks(path, [], n_bytes=0) == {0}
