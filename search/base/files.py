"""Atomic writes: a reader sees the old file or the new one, never a part of it.

:class:`MappedFiles` notices changes of files that are mapped into memory.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; replace ``path`` by it when the block ends without an exception.

    After an exception the temporary file is deleted and ``path`` is unchanged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_temporary(path: Path) -> None:
    """Delete the temporary files of killed processes that were replacing ``path``. Call it with a writer's lock."""
    for temporary in path.parent.glob(f".{path.name}.*"):
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as JSON, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1, sort_keys=True), encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file; None where it is missing or not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


class MappedFiles:
    """Files mapped into memory, with their sizes and times: reading a part that was cut off kills the process.

    A deleted or replaced file stays readable as long as it is mapped, so it does not count as changed.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._files = [(str(path), _stamp(path)) for path in paths]

    def have_changed(self) -> bool:
        """Whether one was written to since. About a microsecond per file."""
        return any(_stamp(path) not in (stamp, None) for path, stamp in self._files)


def _stamp(path: Path | str) -> tuple[int, int] | None:
    """Size and time of a file; None if there is no such file."""
    try:
        status = os.stat(path)  # noqa: PTH116 # called by every search: a Path takes three times as long
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
