"""What can go wrong when a site is backed up or restored.

::

    OperatingError
    ├── BackupFailed (RuntimeError)     no backup was written; nothing is left of the attempt
    ├── BackupUnreadable (ValueError)   a file is no backup, is damaged, or is of a newer version
    ├── RestoreRefused (ValueError)     the site is not empty, or lacks space; nothing was changed
    └── RestoreFailed (RuntimeError)    the database refused the rows; the site is as it was
"""

from __future__ import annotations


class OperatingError(Exception):
    """Base of this package's errors."""


class BackupFailed(OperatingError, RuntimeError):
    """No backup was written; nothing is left of the attempt."""


class BackupUnreadable(OperatingError, ValueError):
    """The file is no backup, is damaged, or was made by a newer version."""


class RestoreRefused(OperatingError, ValueError):
    """The backup cannot be restored into this site; nothing was changed."""


class RestoreFailed(OperatingError, RuntimeError):
    """The database refused the rows; the site is as it was."""
