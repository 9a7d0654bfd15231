"""How a database file in WAL mode is opened where SQLite cannot write. Start at :func:`choose_opening`.

A connection in WAL mode needs two files beside the database: ``-wal`` with the newest commits, and ``-shm``, an index
of it that all processes share. SQLite creates both, so on a read-only or full disk the database does not open although
all of its content is there.
"""

from __future__ import annotations

import os
import stat
import struct
from enum import Enum
from pathlib import Path
from urllib.parse import quote

_WAL_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_PAGE_SIZE_AT, _WAL_SALT_AT = 8, 16  # in the header of the file
_COMMIT_SIZE_AT, _FRAME_SALT_AT = 4, 8  # in the header of a frame


class Opening(Enum):
    """A way to open a database, as the options of its URI.

    ``WRITABLE``   as usual
    ``SHARED``     read-only, with the files of the process that has the database open or was killed
    ``PRIVATE``    read-only, with an index of ``-wal`` in the memory of the connection and no locks
    ``IMMUTABLE``  read-only, the database file alone and no locks
    """

    WRITABLE = ""
    SHARED = "mode=ro"
    PRIVATE = "mode=ro&vfs=unix-none"
    IMMUTABLE = "mode=ro&immutable=1"

    def uri(self, path: Path) -> str:
        return f"file:{quote(str(path))}" + (f"?{self.value}" if self.value else "")


def choose_opening(path: Path) -> Opening:
    """The way to open a database now. Three calls of ``stat``, so each connection can ask.

    Without locks a connection can read pages of two states while another process writes. So these ways are chosen only
    where no process of ours can write the folder, and for one connection, which lives as long as a request.
    """
    if not path.exists() or os.access(path.parent, os.W_OK):
        return Opening.WRITABLE
    if _is_file(_beside(path, "-shm")) and _is_file(_beside(path, "-wal")):
        return Opening.SHARED
    return choose_lockless(path)


def choose_lockless(path: Path) -> Opening:
    """The way to open a database whose index of ``-wal`` cannot be created.

    Nobody else has the database open then. A ``-wal`` without a commit is not opened: SQLite deletes it when the last
    connection closes, and would take this one for the last.
    """
    return Opening.PRIVATE if has_commits(_beside(path, "-wal")) else Opening.IMMUTABLE


def has_commits(wal: Path) -> bool:
    """Whether a ``-wal`` file holds a commit that the database file may lack.

    Frames count from the first one as long as they carry the salt of the file's header; one that ends a commit gives
    the size of the database. Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
    """
    try:
        with wal.open("rb") as file:
            header = file.read(_WAL_HEADER_BYTES)
            if len(header) < _WAL_HEADER_BYTES:
                return False
            (page_size,) = struct.unpack_from(">I", header, _PAGE_SIZE_AT)
            salt = header[_WAL_SALT_AT : _WAL_SALT_AT + 8]
            while len(frame := file.read(_FRAME_HEADER_BYTES)) == _FRAME_HEADER_BYTES:
                if frame[_FRAME_SALT_AT : _FRAME_SALT_AT + 8] != salt:
                    return False
                if struct.unpack_from(">I", frame, _COMMIT_SIZE_AT)[0]:
                    return True
                file.seek(page_size, os.SEEK_CUR)
    except OSError:
        return False
    return False


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
