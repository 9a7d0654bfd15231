"""Files of a git repository's snapshot, read without a work tree."""

from __future__ import annotations

import subprocess
from pathlib import Path


def list_files(repository: Path, prefix: str) -> list[str]:
    """Paths below a folder, as in the newest commit."""
    data = _git(repository, "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", prefix)
    return [name for name in data.decode("utf-8", errors="surrogateescape").split("\0") if name]


def read_file(repository: Path, path: str) -> bytes:
    """The content of one file; raises FileNotFoundError for a path that the snapshot has not."""
    try:
        return _git(repository, "show", f"HEAD:{path}")
    except subprocess.CalledProcessError as exc:
        raise FileNotFoundError(path) from exc


def _git(repository: Path, *arguments: str) -> bytes:
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
