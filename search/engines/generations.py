"""A folder with an index that is replaced as a whole: generations beside each other, and a file that names one.

::

    <root>/current            {"generation": "0003"}, replaced atomically
    <root>/writer.lock        locked while something writes, by the operating system
    <root>/0003/              one generation: the engine's own files
    <root>/0003/state.json    revision, origin, layout version and checksums; replaced after every commit

A rebuild fills a new generation and then replaces ``current``. Killed before that, it leaves an unnamed folder
that the next rebuild removes. Readers compare :meth:`signature` (two calls of ``stat``) and open anew when it
changes; the generation before the current one stays, for readers that are still in it.
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
from search.errors import IndexDamaged, IndexLocked, IndexMissing

REBUILD = "run manage.py rebuild_index"
STATE = "state.json"
# Files that an engine rewrites in place, and lock files: they have no checksum. Their damage shows when they are read.
_REWRITTEN = frozenset({STATE, "meta.json"})

Signature = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class State:
    """What an index says of itself. ``layout`` is the engine's and the analysis's version together.

    ``origin`` names the history of the library that ``revision`` belongs to; "" for an index from before it was kept.
    """

    revision: int
    layout: str
    origin: str = ""


class GenerationFolder:
    """The folder of one index; knows nothing of the engine that fills it."""

    def __init__(self, root: Path, *, layout: str) -> None:
        self.root = root
        self.layout = layout
        self._pointer = str(self.pointer)
        self._seen: tuple[tuple[int, int], str] | None = None  # the pointer's stat, and the state of what it named

    @property
    def pointer(self) -> Path:
        return self.root / "current"

    def current(self) -> Path:
        """The folder of the current generation. Raises IndexMissing, IndexDamaged."""
        if not self.pointer.exists():
            raise IndexMissing(f"There is no search index in {self.root}; {REBUILD}.")
        named = read_json(self.pointer)
        folder = self.root / str(named.get("generation", "")) if isinstance(named, dict) else self.root
        if folder == self.root or not folder.is_dir():
            raise IndexDamaged(f"The search index in {self.root} names no generation that is there; {REBUILD}.")
        return folder

    def state(self, folder: Path) -> State:
        """Raises IndexDamaged where it cannot be read or was made by another version."""
        found = read_json(folder / STATE)
        try:
            state = State(int(found["revision"]), str(found["layout"]), str(found.get("origin", "")))
        except (TypeError, KeyError, ValueError) as exc:
            raise IndexDamaged(f"The search index in {folder} is half written; {REBUILD}.") from exc
        if state.layout != self.layout:
            raise IndexDamaged(
                f"The search index in {folder} was made by another version ({state.layout}; "
                f"this one needs {self.layout}); {REBUILD}."
            )
        if found.get("damage"):
            raise IndexDamaged(f"The search index in {folder} is damaged ({found['damage']}); {REBUILD}.")
        return state

    def signature(self) -> Signature:
        """Numbers that change when the index does; zeros where there is none."""
        try:
            pointer = os.stat(self._pointer)  # noqa: PTH116 # every search asks: a Path takes three times as long
            stamp = pointer.st_mtime_ns, pointer.st_ino
            if self._seen is None or self._seen[0] != stamp:
                self._seen = stamp, str(self.current() / STATE)
            state = os.stat(self._seen[1])  # noqa: PTH116
        except (OSError, IndexMissing):  # IndexDamaged is an OSError
            return 0, 0, 0, 0
        return *stamp, state.st_mtime_ns, state.st_ino

    def remember(self, folder: Path, *, revision: int, origin: str = "") -> None:
        """Record what a commit has taken in, with a checksum of each of its files.

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
        """Names of files that are missing or no longer as they were written. Reads all of them."""
        return [
            name
            for name, expected in _checksums(read_json(folder / STATE)).items()
            if not (folder / name).is_file() or _checksum(folder / name) != expected
        ]

    def record_damage(self, folder: Path, damage: str) -> None:
        """Let every process know that this generation is damaged: opening it raises IndexDamaged from now on."""
        state = read_json(folder / STATE)
        if isinstance(state, dict) and not state.get("damage"):
            write_json(folder / STATE, {**state, "damage": damage})

    def verify(self) -> list[str]:
        """Check all files of the current generation, record what is damaged and return it.

        Raises IndexMissing, IndexDamaged.
        """
        folder = self.current()
        damaged = self.damaged_files(folder)
        if damaged:
            self.record_damage(folder, f"changed or missing: {', '.join(damaged[:3])}")
        return damaged

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock; the system frees it when the process ends, however it ends.

        Raises IndexLocked at once where another process or thread has it.
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
        """An empty folder for a rebuild; what killed rebuilds left is removed. Call while :meth:`writing`."""
        keep = self._named()
        for folder in self._generations():
            if folder != keep:
                shutil.rmtree(folder, ignore_errors=True)
        number = max((int(folder.name) for folder in self._generations()), default=0) + 1
        folder = self.root / f"{number:04}"
        folder.mkdir()
        return folder

    def publish(self, folder: Path) -> None:
        """Make a filled generation the current one, and remove all but it and the one before."""
        before = self._named()
        _sync(folder)
        write_json(self.pointer, {"generation": folder.name})
        _sync(self.root)
        for other in self._generations():
            if other not in (folder, before):
                shutil.rmtree(other, ignore_errors=True)

    def _named(self) -> Path | None:
        try:
            return self.current()
        except (IndexMissing, IndexDamaged):
            return None

    def _generations(self) -> list[Path]:
        return sorted(path for path in self.root.iterdir() if path.is_dir() and path.name.isdigit())


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
    """Write a folder's entries to the disk, so that a power cut keeps the move."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
