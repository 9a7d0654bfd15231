"""Which files of the data folder belong to a backup, by part.

``files`` is what cannot be made again: PDFs and whatever else the site keeps. ``index`` and ``vectors`` can be computed
from the database, which takes seconds for an index and an hour for the vectors of 100,000 papers. They are read while
their writers' locks are held.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from search.base.files import read_json

FILES, INDEX, VECTORS = "files", "index", "vectors"
# Of the data folder. Database and secret key are treated apart; the others are made again or belong to a machine.
_APART = frozenset({"secret_key", "rates", "metrics", "static", "evaluation", "backups", "index", "vectors", "anchors"})
_DATABASE = "db.sqlite3"
_LOCKS = ("writer.lock", ".lock")
_UNFINISHED = frozenset({"work", "aside"})  # embedded texts that no manifest names yet, or that are not in use yet
LOCK_PATIENCE_S = 20.0  # an update of the index takes some seconds; the first embedding takes hours


class FolderBusy(RuntimeError):
    """Another process is writing to the folder, and did not end in time."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file and its path relative to the data folder, with slashes."""

    path: Path
    name: str


def library_files(data: Path) -> Iterator[DataFile]:
    """The files that belong to no other part. A file may vanish before it is read."""
    if not data.is_dir():
        return
    for entry in sorted(data.iterdir()):
        if entry.name.startswith(".") or entry.name in _APART or entry.name.startswith(_DATABASE):
            continue
        yield from _files_below(entry, data)


@contextmanager
def index_files(data: Path, *, patience_s: float = LOCK_PATIENCE_S) -> Iterator[list[DataFile]]:
    """The current generation of each engine's index, locked against writers. Raises FolderBusy."""
    folders = sorted(path for path in (data / "index").glob("*") if path.is_dir())
    with ExitStack() as stack:
        files: list[DataFile] = []
        for folder in folders:
            stack.enter_context(_locked(folder, patience_s))
            pointer = read_json(folder / "current")
            if isinstance(pointer, dict) and (folder / str(pointer.get("generation", "?"))).is_dir():
                files.append(DataFile(folder / "current", f"index/{folder.name}/current"))
                files.extend(_files_below(folder / str(pointer["generation"]), data))
        yield files


@contextmanager
def vector_files(data: Path, *, patience_s: float = LOCK_PATIENCE_S) -> Iterator[list[DataFile]]:
    """Vectors and anchors, locked against writers. Raises FolderBusy."""
    folders = [path for path in (data / "vectors", data / "anchors") if path.is_dir()]
    with ExitStack() as stack:
        for folder in folders:
            stack.enter_context(_locked(folder, patience_s))
        yield [file for folder in folders for file in _files_below(folder, data)]


def _files_below(entry: Path, data: Path) -> Iterator[DataFile]:
    if entry.is_symlink() and not entry.exists():
        return
    if entry.is_file():
        if entry.name not in _LOCKS and not entry.name.startswith("."):
            yield DataFile(entry, entry.relative_to(data).as_posix())
        return
    with suppress(FileNotFoundError):
        for child in sorted(entry.iterdir()):
            if child.name not in _UNFINISHED or not child.is_dir():
                yield from _files_below(child, data)


@contextmanager
def _locked(folder: Path, patience_s: float) -> Iterator[None]:
    """Hold the lock of a folder's writers, so that its files are of one state."""
    path = next((folder / name for name in _LOCKS if (folder / name).is_file()), folder / _LOCKS[0])
    deadline = time.monotonic() + patience_s
    with path.open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as exc:
                if time.monotonic() >= deadline:
                    raise FolderBusy(f"{folder} is being written by another process") from exc
                time.sleep(0.1)
        yield
