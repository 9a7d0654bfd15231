"""The operating system's errors behind exceptions of any library, by their numbers.

A Rust library passes such an error on as text: ``os error 28`` or ``Os { code: 28, kind: StorageFull, … }``.
"""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

# The disk is full, over a quota or read-only, a file would be too large, or permission is missing.
UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM})
# Reasons for which an undamaged file does not open: those, and too many open files or too little memory.
UNREADABLE = UNWRITABLE | {errno.EMFILE, errno.ENFILE, errno.ENOMEM}

_NUMBER = re.compile(r"\bos error (\d+)\b|\bOs \{ code: (\d+)\b")


def error_number(error: BaseException) -> int | None:
    """The system's number of an error; None for an error of another kind."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    match = _NUMBER.search(str(error))
    return int(match[1] or match[2]) if match else None


def is_refused(path: Path) -> bool:
    """Whether a file or folder is there, or may be there, and this process may not read it."""
    try:
        path.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return not os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK)
