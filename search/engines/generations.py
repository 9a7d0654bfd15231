"""The folder of an index: its generations, and a file that names the current one.

::

    <root>/current            {"generation": "0003"}, replaced atomically
    <root>/writer.lock        locked by the operating system while a writer runs
    <root>/0003/              one generation: the engine's own files
    <root>/0003/state.json    revision, origin, layout version and checksums; replaced after every commit

A rebuild fills a new generation and then replaces ``current``. If it is killed before that, the next rebuild deletes
the incomplete folder. Readers compare :meth:`GenerationFolder.signature` (two calls of ``stat``) and reopen the index
when it changes. The previous generation is kept for readers that still use it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from search.base.files import read_json, write_json
from search.engines.base import SearchBackend
from search.errors import IndexDamaged, IndexLocked, IndexMissing

REBUILD = "run manage.py rebuild_index"
STATE = "state.json"
# Files that an engine rewrites in place have no checksum, nor have lock files. Reading them shows their damage.
_REWRITTEN = frozenset({STATE, "meta.json"})

Signature = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class State:
    """The state of an index. ``layout`` combines the versions of the engine and of the analysis.

    ``origin`` names the history of the library that ``revision`` belongs to; "" for an index older than this field.
    """

    revision: int
    layout: str
    origin: str = ""


class GenerationFolder:
    """The folder of one index, whichever engine fills it."""

    def __init__(self, root: Path, *, layout: str) -> None:
        self.root = root
        self.layout = layout
        self._pointer = str(self.pointer)
        self._resolved: tuple[tuple[int, int], str] | None = None  # the pointer's stat, and the path of its state file

    @property
    def pointer(self) -> Path:
        return self.root / "current"

    def current(self) -> Path:
        """The folder of the current generation. Raises IndexMissing, IndexDamaged."""
        if not self.pointer.exists():
            raise IndexMissing(f"There is no search index in {self.root}; {REBUILD}.")
        pointer = read_json(self.pointer)
        folder = self.root / str(pointer.get("generation", "")) if isinstance(pointer, dict) else self.root
        if folder == self.root or not folder.is_dir():
            raise IndexDamaged(f"The current generation of the search index in {self.root} is missing; {REBUILD}.")
        return folder

    def state(self, folder: Path) -> State:
        """The state of a generation. Raises IndexDamaged if it is unreadable, damaged or of another version."""
        stored = read_json(folder / STATE)
        try:
            state = State(int(stored["revision"]), str(stored["layout"]), str(stored.get("origin", "")))
        except (TypeError, KeyError, ValueError) as exc:
            raise IndexDamaged(f"The search index in {folder} is incomplete; {REBUILD}.") from exc
        if state.layout != self.layout:
            raise IndexDamaged(
                f"Another version built the search index in {folder} (layout {state.layout}, "
                f"expected {self.layout}); {REBUILD}."
            )
        if stored.get("damage"):
            raise IndexDamaged(f"The search index in {folder} is damaged ({stored['damage']}); {REBUILD}.")
        return state

    def signature(self) -> Signature:
        """Numbers that change when the index changes; zeros where there is none."""
        try:
            pointer = os.stat(self._pointer)  # noqa: PTH116 # called by every search: a Path takes three times as long
            stamp = pointer.st_mtime_ns, pointer.st_ino
            if self._resolved is None or self._resolved[0] != stamp:
                self._resolved = stamp, str(self.current() / STATE)
            state = os.stat(self._resolved[1])  # noqa: PTH116
        except (OSError, IndexMissing):  # IndexDamaged is an OSError
            return 0, 0, 0, 0
        return *stamp, state.st_mtime_ns, state.st_ino

    def store_state(self, folder: Path, *, revision: int, origin: str = "") -> None:
        """Store the state after a commit, with a checksum of each file.

        Engines never change a file that they have written, so a file of the same name and size keeps its checksum.
        """
        before = _checksums(read_json(folder / STATE))
        files = {
            path.name: before[path.name]
            if path.name in before and before[path.name][0] == path.stat().st_size
            else _checksum(path)
            for path in _data_files(folder)
        }
        state = {"revision": revision, "layout": self.layout, "origin": origin, "files": files}
        write_json(folder / STATE, state)

    def damaged_files(self, folder: Path) -> list[str]:
        """Names of files that are missing or differ from their checksum. Reads all files."""
        return [
            name
            for name, expected in _checksums(read_json(folder / STATE)).items()
            if not (folder / name).is_file() or _checksum(folder / name) != expected
        ]

    def record_damage(self, folder: Path, damage: str) -> None:
        """Mark this generation as damaged for every process: opening it raises IndexDamaged from now on."""
        state = read_json(folder / STATE)
        if isinstance(state, dict) and not state.get("damage"):
            write_json(folder / STATE, {**state, "damage": damage})

    def verify(self) -> list[str]:
        """Check all files of the current generation; record and return the names of the damaged ones.

        Raises IndexMissing, IndexDamaged.
        """
        folder = self.current()
        damaged = self.damaged_files(folder)
        if damaged:
            self.record_damage(folder, f"changed or missing: {', '.join(damaged[:3])}")
        return damaged

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock. The operating system releases it when the process ends, even if it is killed.

        Raises IndexLocked at once if another process or thread holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "writer.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as exc:
                raise IndexLocked(
                    f"Another process is writing to the search index in {self.root}; wait until it has finished."
                ) from exc
            yield

    def new_generation(self) -> Path:
        """An empty folder for a rebuild. Deletes the folders of killed rebuilds. Call it inside :meth:`writing`."""
        current = self._current_or_none()
        for folder in self._generations():
            if folder != current:
                shutil.rmtree(folder, ignore_errors=True)
        number = max((int(folder.name) for folder in self._generations()), default=0) + 1
        folder = self.root / f"{number:04}"
        folder.mkdir()
        return folder

    def publish(self, folder: Path) -> None:
        """Make a filled generation the current one, and delete all but it and the previous one."""
        previous = self._current_or_none()
        _sync(folder)
        write_json(self.pointer, {"generation": folder.name})
        _sync(self.root)
        for other in self._generations():
            if other not in (folder, previous):
                shutil.rmtree(other, ignore_errors=True)

    def _current_or_none(self) -> Path | None:
        try:
            return self.current()
        except (IndexMissing, IndexDamaged):
            return None

    def _generations(self) -> list[Path]:
        return sorted(path for path in self.root.iterdir() if path.is_dir() and path.name.isdigit())


class GenerationBackend(SearchBackend):
    """An engine whose index is a :class:`GenerationFolder`; sets ``folder`` when it is made."""

    folder: GenerationFolder

    def revision(self) -> int:
        state = self._state()
        return state.revision if state else 0

    def origin(self) -> str:
        state = self._state()
        return state.origin if state else ""

    def verify(self) -> list[str]:
        return self.folder.verify()

    def _state(self) -> State | None:
        """The state of the current generation; None where there is no index. Raises IndexDamaged."""
        if not self.folder.pointer.exists():
            return None
        return self.folder.state(self.folder.current())


def _data_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        is_rewritten = path.name in _REWRITTEN or path.name.startswith((".", "_")) or path.suffix in (".lock", ".toc")
        if path.is_file() and not is_rewritten and not path.name.endswith("_LOCK"):
            yield path


def _checksum(path: Path) -> list[int]:
    """Size in bytes and CRC-32 of a file."""
    size, crc = 0, 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
    return [size, crc]


def _checksums(state: object) -> Mapping[str, list[int]]:
    files = state.get("files") if isinstance(state, dict) else None
    return files if isinstance(files, dict) else {}


def _sync(folder: Path) -> None:
    """Flush a folder's entries to the disk, so that the rename survives a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
