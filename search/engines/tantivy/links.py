"""Opens an index whose folder cannot be written.

To open an index the library locks a file in its folder, and creates it where it is missing: impossible on a disk that
is read-only or full. A temporary folder has links to the files of the index, and the lock.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tantivy

from search.errors import IndexUnreadable

_LOCK_REFUSED = "Failed to acquire Lockfile: IoError"


def open_index(folder: Path, *, before: tantivy.Index | None) -> tuple[tantivy.Index, tantivy.Searcher]:
    """The index in a folder, and a searcher of its newest commit. The library's errors pass.

    ``before`` is the index as this process opened it earlier; its files in memory are used again.

    Raises
    ------
    IndexUnreadable
        If the folder cannot be written, and no temporary folder either.
    """
    try:
        return _reopen(before) if before is not None else _open(folder)
    except ValueError as exc:
        if before is None and not str(exc).startswith(_LOCK_REFUSED):
            raise
    if before is not None:  # its folder was one of links, or the disk has become read-only since
        return open_index(folder, before=None)
    with _linked(folder) as links:  # all files are mapped into memory when this block ends
        return _open(links)


def _open(folder: Path) -> tuple[tantivy.Index, tantivy.Searcher]:
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")
    return _reopen(index)


def _reopen(index: tantivy.Index) -> tuple[tantivy.Index, tantivy.Searcher]:
    index.reload()
    return index, index.searcher()


@contextmanager
def _linked(folder: Path) -> Iterator[Path]:
    try:
        temporary = tempfile.TemporaryDirectory(prefix="coolpapers-index-")
    except OSError as exc:
        raise IndexUnreadable(
            f"The search index in {folder} cannot be written, and is opened through a temporary folder, "
            f"which cannot be made ({exc}); set TMPDIR to a folder that can be written."
        ) from exc
    with temporary as name:
        for path in folder.iterdir():
            if path.suffix != ".lock":
                (Path(name) / path.name).symlink_to(path.resolve())
        yield Path(name)
