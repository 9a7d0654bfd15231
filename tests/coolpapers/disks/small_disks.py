"""Disks of a test's own: full ones and read-only ones, by real mounts; and folders without permission to write."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

PR_CAPBSET_DROP = 24  # prctl(2)
# What lets root read and write everything: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER.
POWERS_OF_ROOT = (1, 2, 3)


@contextmanager
def own_disk(folder: Path, *, size_mb: int = 64) -> Iterator[Path]:
    """A file system in memory, mounted at ``folder`` during the block. Skips the test where that is refused."""
    folder.mkdir(parents=True, exist_ok=True)
    problem = _mount("-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(folder))
    if problem:
        pytest.skip(f"no file system can be mounted here: {problem}")
    try:
        yield folder
    finally:  # lazy, because an index that is still open has its files mapped into memory
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def make_read_only(disk: Path) -> None:
    problem = _mount("-o", "remount,ro", str(disk))
    assert not problem


def fill(disk: Path) -> None:
    """Leave not a single byte."""
    handle = os.open(disk / "filling", os.O_CREAT | os.O_WRONLY)
    for size in (1 << 20, 4096, 1):
        try:
            while os.write(handle, b"x" * size):
                pass
        except OSError:
            continue
    os.close(handle)


def _mount(*arguments: str) -> str:
    """Why mounting failed; "" if it did not."""
    if sys.platform != "linux" or shutil.which("mount") is None:
        return "there is no mount command"
    run = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    return run.stderr.strip()[:200] if run.returncode else ""


def forbid_writing(folder: Path) -> None:
    """Take the permission to write from everything in a folder."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def allow_writing(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


@contextmanager
def full_disk(library: Path, place: Path) -> Iterator[Path]:
    """A copy of a library on a disk without a free byte."""
    with own_disk(place) as disk:
        shutil.copytree(library, disk / "data")
        fill(disk)
        yield disk / "data"


@contextmanager
def folder_of_another_user(library: Path, place: Path) -> Iterator[Path]:
    """A copy of a library without permission to write."""
    shutil.copytree(library, place)
    forbid_writing(place)
    try:
        yield place
    finally:
        allow_writing(place)


def run_as_anyone(command: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command that has no more permission than its files give it, even where the tests run as root."""
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_drop_powers,
        **options,
    )


def _drop_powers() -> None:
    if os.getuid() == 0:
        for power in POWERS_OF_ROOT:
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, power, 0, 0, 0)
