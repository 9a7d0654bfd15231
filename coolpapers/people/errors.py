"""What can be wrong with what a device or a reader hands in.

::

    PeopleError
    ├── WrongFile (ValueError)      a file that is not one to import; the message is for the reader
    └── WrongRequest (ValueError)   a device asked for something that makes no sense
"""

from __future__ import annotations


class PeopleError(Exception):
    """Root of the tree."""


class WrongFile(PeopleError, ValueError):
    """A file cannot be imported; its words say what was found and what is wanted."""


class WrongRequest(PeopleError, ValueError):
    """A request of a device cannot be read."""
