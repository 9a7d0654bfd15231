"""The files of an index, and the checksums by which damage is noticed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

STATE = "state.json"
_UNCHECKED = frozenset({STATE, ".managed.json"})  # rewritten during a commit; only names the files that are there

Stamp = tuple[int, int, int]  # size, time and inode of a file


def data_files(folder: Path) -> Iterator[Path]:
    """The files of a generation that have checksums: no locks, no unfinished ones, not the state itself."""
    for path in sorted(folder.iterdir()):
        is_lock = path.suffix in (".lock", ".tmp") or path.name.endswith("_LOCK") or path.name.startswith(f".{STATE}.")
        if path.is_file() and path.name not in _UNCHECKED and not is_lock:
            yield path


def file_checksum(path: Path) -> list[int]:
    """Size in bytes and CRC-32 of a file; [] if it cannot be read."""
    size, crc = 0, 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                size, crc = size + len(chunk), zlib.crc32(chunk, crc)
    except OSError:
        return []
    return [size, crc]


def stored_checksums(state: object) -> Mapping[str, list[int]]:
    """Name of a file → size and CRC-32, as a state file names them; {} for any other content."""
    files = state.get("files") if isinstance(state, dict) else None
    return files if isinstance(files, dict) else {}


def file_stamp(path: Path) -> Stamp | None:
    """None if there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def state_checksum(state: Mapping[str, Any]) -> int:
    """CRC-32 of a state without its own checksum."""
    content = {name: value for name, value in state.items() if name != "crc"}
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())
