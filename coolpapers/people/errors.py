"""Errors in the input of readers and their devices.

::

    PeopleError
    ├── InvalidFile (ValueError)      a file that cannot be imported; the message is for the reader
    └── InvalidRequest (ValueError)   a malformed request of a device
"""

from __future__ import annotations


class PeopleError(Exception):
    """Base class of this package's errors."""


class InvalidFile(PeopleError, ValueError):
    """A file cannot be imported; the message says what it holds and what was expected."""


class InvalidRequest(PeopleError, ValueError):
    """A request of a device is malformed."""
