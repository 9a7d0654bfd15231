"""The metrics of all processes of a site, added up: each process keeps a file of its own in one folder.

``prometheus_client`` maps such files into memory; a write to one on a full disk kills the process (SIGBUS). So
each process writes its numbers as a whole, every few seconds and before it reads those of the others. A number that was
told once never shrinks. What ended processes counted is kept in one file, so that files do not pile up.

Start at :func:`start_sharing` and :func:`read_all`.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from coolpapers.base.observing.metrics import Family, Sample, read_families
from coolpapers.base.outages import degraded

logger = logging.getLogger(__name__)

WRITE_EVERY_S = 5.0
_ENDED = "ended.json"
_LOCK = "lock"


class ProcessFile:
    """The file of one process. A lock on a second file tells the others that the process lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        self._alive: IO[bytes] | None = None

    def open(self) -> None:
        """Make the file. Raises OSError where the folder cannot be written."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self.folder):
            _gather_ended(self.folder)
            self._alive = _alive_path(self.path).open("wb")
            fcntl.flock(self._alive, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, families: Sequence[Family]) -> None:
        _write(self.path, families)

    def close(self) -> None:
        """Tell the others that this process has ended; in a forked child: that its parent's file is not its own."""
        if self._alive is not None:
            self._alive.close()
        self._alive = None


def read_folder(folder: Path) -> tuple[list[Family], int]:
    """The sum of all files, and the number of processes that live."""
    with _locked(folder):
        paths = [path for path in folder.glob("*.json") if path.name != _ENDED]
        n_alive = sum(_is_alive(path) for path in paths)
        return add_up([_read(path) for path in (folder / _ENDED, *paths)]), n_alive


def add_up(parts: Iterable[Sequence[Family]]) -> list[Family]:
    """Families with the sums of their samples; histograms are sums too, as their buckets are cumulative."""
    heads: dict[str, Family] = {}
    sums: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {}
    for part in parts:
        for family in part:
            heads.setdefault(family.name, family)
            of_family = sums.setdefault(family.name, {})
            for sample in family.samples:
                key = (sample.name, sample.labels)
                of_family[key] = of_family.get(key, 0.0) + sample.value
    return [
        Family(name, head.kind, head.help, tuple(Sample(*key, value) for key, value in sums[name].items()))
        for name, head in heads.items()
    ]


def forget_ended(folder: Path) -> None:
    """Delete what ended processes left; for a server that starts. Files of running processes stay."""
    if not folder.is_dir():
        return
    with _locked(folder):
        _gather_ended(folder)
        (folder / _ENDED).unlink(missing_ok=True)


@dataclass(slots=True)
class _State:
    file: ProcessFile | None = None
    pid: int = 0


_state = _State()
_writing = threading.Lock()


def start_sharing(folder: Path) -> None:
    """Write this process's metrics to the folder from now on. Idempotent; without a writable folder it does nothing."""
    if _state.file is not None and _state.pid == os.getpid():
        return
    file = ProcessFile(folder)
    try:
        file.open()
    except OSError as exc:
        degraded.count("metrics", exc)
        return
    _state.file, _state.pid = file, os.getpid()
    write_now()
    threading.Thread(target=_write_for_ever, args=(file,), name="metrics", daemon=True).start()


def write_now() -> bool:
    """Write this process's metrics; whether that worked."""
    file = _state.file
    if file is None or _state.pid != os.getpid():
        return False
    try:
        with _writing:
            file.write(read_families())
    except OSError as exc:
        degraded.count("metrics", exc)
        return False
    degraded.succeed("metrics")
    return True


def read_all() -> tuple[list[Family], int]:
    """The metrics of all processes and their number; this process's alone where they cannot be shared."""
    if write_now() and _state.file is not None:
        try:
            return read_folder(_state.file.folder)
        except OSError as exc:
            degraded.count("metrics", exc)
    return read_families(), 1


def _write_for_ever(file: ProcessFile) -> None:
    pause = threading.Event()
    while _state.file is file:
        pause.wait(WRITE_EVERY_S)
        write_now()


def _leave_parents_file() -> None:
    global _writing
    _writing = threading.Lock()
    if _state.file is not None:
        _state.file.close()
    _state.file = None


os.register_at_fork(after_in_child=_leave_parents_file)


def _gather_ended(folder: Path) -> None:
    """Move the numbers of ended processes into one file; call with the folder locked."""
    ended = [path for path in folder.glob("*.json") if path.name != _ENDED and not _is_alive(path)]
    if ended:
        counted = add_up([_read(path) for path in (folder / _ENDED, *ended)])
        _write(folder / _ENDED, [family for family in counted if family.kind != "gauge"])
    for path in ended:
        path.unlink(missing_ok=True)
    for path in folder.glob("*.alive"):
        if not path.with_suffix(".json").exists() and not _is_alive(path.with_suffix(".json")):
            path.unlink(missing_ok=True)


def _alive_path(path: Path) -> Path:
    return path.with_suffix(".alive")


def _is_alive(path: Path) -> bool:
    try:
        with _alive_path(path).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / _LOCK).open("ab") as file:  # closing it unlocks
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(path: Path, families: Sequence[Family]) -> None:
    content = [
        [family.name, family.kind, family.help, [[s.name, s.labels, s.value] for s in family.samples]]
        for family in families
    ]
    temporary = path.with_suffix(f".{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_text(json.dumps(content), encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path) -> list[Family]:
    """The families in a file; none where it is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [
            Family(name, kind, text, tuple(Sample(s, tuple((a, b) for a, b in labels), v) for s, labels, v in samples))
            for name, kind, text, samples in content
        ]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError) as exc:
        logger.warning("%s is damaged and left out: %s", path, exc)
        return []
