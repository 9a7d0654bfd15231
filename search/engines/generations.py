"""The folder of an index: its generations, and a file that names the current one.

::

    <root>/current            {"generation": "0003"}, replaced atomically
    <root>/writer.lock        locked by the operating system while a writer runs
    <root>/0003/              one generation: the engine's own files
    <root>/0003/state.json    revision, origin, layout version and checksums; replaced before and after every commit

A rebuild fills a new generation and then replaces ``current``. If it is killed before that, the next rebuild deletes
the incomplete folder. Readers compare :meth:`GenerationFolder.signature` (two calls of ``stat``) and reopen the index
when it changes. The previous generation is kept for readers that still use it.

During a commit the state is marked as ``pending``: after a kill, files may be newer than their checksums, or gone. The
next update removes the mark.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.base.files import MappedFiles, read_json, remove_temporary, write_json
from search.base.system_errors import UNWRITABLE, error_number, is_refused
from search.engines.checksums import (
    STATE,
    Stamp,
    data_files,
    file_checksum,
    file_stamp,
    state_checksum,
    stored_checksums,
)
from search.errors import (
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexOutdated,
    IndexUnreadable,
    IndexUnwritable,
    SearchError,
)

REBUILD = "run manage.py rebuild_index"
_REWRITTEN = frozenset({"meta.json"})  # by every commit; all other files are written once
# A larger index is not compared with its checksums when it is opened, which takes 0.7 s for so many bytes.
MAX_CHECKED_BYTES = 1 << 30

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
    """The folder of one index, whichever engine fills it.

    ``layout`` is that of new generations. Generations of the ``readable`` layouts are older: they can be read, and are
    not written to.
    """

    def __init__(self, root: Path, *, layout: str, readable: Collection[str] = ()) -> None:
        self.root = root
        self.layout = layout
        self.readable = frozenset(readable)
        self._pointer = str(self.pointer)
        self._resolved: tuple[tuple[int, int], str] | None = None  # the pointer's stat, and the path of its state file
        self._verified: dict[Path, Stamp] = {}  # files that this process has compared with their checksums

    @property
    def pointer(self) -> Path:
        return self.root / "current"

    def current(self) -> Path:
        """The folder of the current generation. Raises IndexMissing, IndexDamaged, IndexUnreadable."""
        refuse_unreadable(self.pointer)
        if not self.pointer.exists():
            raise IndexMissing(f"There is no search index in {self.root}; {REBUILD}.")
        pointer = read_json(self.pointer)
        folder = self.root / str(pointer.get("generation", "")) if isinstance(pointer, dict) else self.root
        if folder == self.root or not folder.is_dir():
            raise IndexDamaged(f"The current generation of the search index in {self.root} is missing; {REBUILD}.")
        return folder

    def state(self, folder: Path) -> State:
        """The state of a generation.

        Raises IndexDamaged if it is damaged, or of a version that cannot be read; IndexUnreadable.
        """
        refuse_unreadable(folder / STATE)
        stored = read_json(folder / STATE)
        if isinstance(stored, dict) and "crc" in stored and stored["crc"] != state_checksum(stored):
            raise IndexDamaged(f"The state of the search index in {folder} differs from its checksum; {REBUILD}.")
        try:
            state = State(int(stored["revision"]), str(stored["layout"]), str(stored.get("origin", "")))
        except (TypeError, KeyError, ValueError) as exc:
            raise IndexDamaged(f"The search index in {folder} is incomplete; {REBUILD}.") from exc
        if state.layout != self.layout and state.layout not in self.readable:
            raise self._outdated(folder, state)
        if stored.get("damage"):
            raise IndexDamaged(f"The search index in {folder} is damaged ({stored['damage']}); {REBUILD}.")
        return state

    def writable_state(self, folder: Path) -> State:
        """The state of a generation that is written to. Raises also IndexOutdated if an older version built it."""
        state = self.state(folder)
        if state.layout != self.layout:
            raise self._outdated(folder, state)
        return state

    def _outdated(self, folder: Path, state: State) -> IndexOutdated:
        return IndexOutdated(
            f"Another version built the search index in {folder} (layout {state.layout}, "
            f"expected {self.layout}); {REBUILD}."
        )

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

    def begin(self, folder: Path) -> None:
        """Mark the state as pending before a commit changes files; :meth:`store_state` ends it.

        Raises IndexDamaged if a file is damaged: a commit may merge it into new files, whose checksums would agree.
        """
        remove_temporary(folder / STATE)
        damaged = self.damaged_files(folder, changed_only=True)
        if damaged:
            self._mark(folder, damaged)
            raise damaged_index(folder, damaged)
        stored = read_json(folder / STATE)
        if isinstance(stored, dict):
            _write_state(folder, {**stored, "pending": True})

    def store_state(self, folder: Path, *, revision: int, origin: str = "") -> None:
        """Store the state after a commit, with a checksum of each file.

        A file that was there before keeps its checksum, because engines write it once: damage must not be confirmed.
        """
        before = {
            name: crc for name, crc in stored_checksums(read_json(folder / STATE)).items() if name not in _REWRITTEN
        }
        files = {path.name: before.get(path.name) or file_checksum(path) for path in data_files(folder)}
        _write_state(folder, {"revision": revision, "layout": self.layout, "origin": origin, "files": files})

    def damaged_files(self, folder: Path, *, changed_only: bool = False) -> list[str]:
        """Names of files that are missing or differ from their checksum. Reads all files.

        With ``changed_only``, files whose size, time and inode are those of the last comparison are not read.
        """
        while True:
            state = read_json(folder / STATE)
            damaged = [
                name for name in stored_checksums(state) if not self._is_whole(folder, name, state, changed_only)
            ]
            if not damaged or read_json(folder / STATE) == state:  # else a writer has replaced files meanwhile
                for name in damaged:
                    refuse_unreadable(folder / name)
                # Each commit has files of other names, and a server sees some thousand commits a day.
                names = stored_checksums(state).keys()
                self._verified = {
                    path: stamp
                    for path, stamp in list(self._verified.items())
                    if path.parent == folder and path.name in names
                }
                return damaged

    def _is_whole(self, folder: Path, name: str, state: Mapping[str, Any], changed_only: bool) -> bool:
        path = folder / name
        stamp = file_stamp(path)
        if stamp is None:
            return bool(state.get("pending"))
        if changed_only and self._verified.get(path) == stamp:
            return True
        if file_checksum(path) != state["files"][name]:
            return bool(state.get("pending")) and name in _REWRITTEN
        self._verified[path] = stamp
        return True

    def mapped_files(self, folder: Path) -> MappedFiles:
        """The files of a generation that a reader has mapped into memory."""
        return MappedFiles(path for path in data_files(folder) if path.name not in _REWRITTEN)

    def check_new_files(self, folder: Path) -> None:
        """Compare the files that this process has not compared yet, unless they are large. Raises IndexDamaged.

        Called when an index is opened: damaged bytes can be read as other numbers or words without any error.
        """
        size = sum(entry[0] for entry in stored_checksums(read_json(folder / STATE)).values() if entry)
        damaged = self.damaged_files(folder, changed_only=True) if size <= MAX_CHECKED_BYTES else []
        if damaged:
            self.record_damage(folder, damaged)
            raise damaged_index(folder, damaged)

    def record_damage(self, folder: Path, damaged: list[str]) -> None:
        """Mark this generation as damaged for every process: opening it raises IndexDamaged from now on.

        Not while a writer is at work, which checks the files itself, and not on a disk that cannot be written.
        """
        with suppress(OSError, IndexLocked), self.writing():
            if self.damaged_files(folder):
                self._mark(folder, damaged)

    def _mark(self, folder: Path, damaged: list[str]) -> None:
        state = read_json(folder / STATE)
        if isinstance(state, dict) and not state.get("damage"):
            _write_state(folder, {**state, "damage": f"changed or missing: {', '.join(damaged[:3])}"})

    def verify(self, *, changed_only: bool = False) -> list[str]:
        """Check the files of the current generation; record and return the names of the damaged ones.

        ``changed_only`` is cheap enough to be called often (:meth:`damaged_files`). Raises IndexMissing, IndexDamaged.
        """
        folder = self.current()
        self.state(folder)
        damaged = self.damaged_files(folder, changed_only=changed_only)
        if damaged:
            self.record_damage(folder, damaged)
        return damaged

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock. The operating system releases it when the process ends, even if it is killed.

        Raises
        ------
        IndexLocked
            At once if another process or thread holds it.
        IndexUnwritable
            If the disk is full or may not be written, here or in the block.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with (self.root / "writer.lock").open("w") as lock:
                self._take(lock.fileno())
                remove_temporary(self.pointer)
                yield
        except SearchError:
            raise
        except (OSError, ValueError) as exc:  # a Rust library passes errors of the system on as ValueError
            if error_number(exc) not in UNWRITABLE:
                raise
            raise IndexUnwritable(unwritable(exc)) from exc

    def _take(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise IndexLocked(
                f"Another process is writing to the search index in {self.root}; wait until it has finished."
            ) from exc

    @contextmanager
    def rebuilding(self) -> Iterator[Path]:
        """An empty folder for a rebuild; deleted again if the block fails. Holds the lock as :meth:`writing` does."""
        with self.writing():
            folder = self.new_generation()
            try:
                yield folder
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise

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


def refuse_unreadable(path: Path) -> None:
    """Raise IndexUnreadable if this process may not read a file of an index."""
    if is_refused(path):
        raise unreadable_index(path, "permission is missing")


def unreadable_index(path: Path, problem: object) -> IndexUnreadable:
    """The error for files that the system does not open."""
    cure = f"give its files to user {os.getuid()}, or run as the user who owns them"
    return IndexUnreadable(f"The search index in {path} may not be read ({problem}); {cure}.")


def damaged_index(folder: Path, damaged: list[str]) -> IndexDamaged:
    """The error for files that differ from their checksums."""
    return IndexDamaged(f"The search index in {folder} is damaged ({', '.join(damaged[:3])}); {REBUILD}.")


def unwritable(problem: object) -> str:
    """The message of IndexUnwritable."""
    cure = "free space or mend the permissions, then run the command again"
    return f"The search index cannot be written ({problem}); {cure}."


def _write_state(folder: Path, state: Mapping[str, Any]) -> None:
    write_json(folder / STATE, {**state, "crc": state_checksum(state)})


def _sync(folder: Path) -> None:
    """Flush a folder's entries to the disk, so that the rename survives a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
