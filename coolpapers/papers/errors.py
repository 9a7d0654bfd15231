"""What can go wrong with papers and their sources.

::

    PapersError
    ├── BadField (ValueError)             a record's field cannot be stored: the field is dropped, or the record refused
    │   └── FieldCut                      a field is too long; its beginning can be stored
    ├── SourceFormatError (ValueError)    a file is not what its source reads
    │   └── UnknownFormat                 no source recognises the file
    ├── SourceUnavailable (ConnectionError)  a server did not answer, or answered nonsense, often enough
    │   ├── SourceMissing                 a server has nothing at this address
    │   └── HarvestError                  an OAI-PMH server refuses the request
    ├── PairError (ValueError)            two papers cannot be merged or kept apart as asked
    └── StorageFull (OSError)             the database cannot grow; what was committed before stays
"""

from __future__ import annotations


class PapersError(Exception):
    """Base of this package's errors."""


class BadField(PapersError, ValueError):
    """A field of a record cannot be stored.

    Attributes
    ----------
    field : name of the field, as in the file where that is known.
    reason : what is wrong with it and what was found.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class FieldCut(BadField):
    """A field holds more than is stored.

    Attributes
    ----------
    value : the beginning of the field, which is kept.
    """

    def __init__(self, field: str, reason: str, *, value: object) -> None:
        super().__init__(field, reason)
        self.value = value


class SourceFormatError(PapersError, ValueError):
    """A file cannot be read any further as what it should be; records before the damage were read."""


class UnknownFormat(SourceFormatError):
    """No source recognises the file."""


class SourceUnavailable(PapersError, ConnectionError):
    """A server does not answer; the harvest can go on later from where it stopped."""


class SourceMissing(SourceUnavailable):
    """A server has nothing at this address (404 or 410)."""


class HarvestError(SourceUnavailable):
    """An OAI-PMH server answered with an error of the protocol.

    Attributes
    ----------
    code : the protocol's word for it, such as ``badResumptionToken``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class PairError(PapersError, ValueError):
    """Two papers cannot be merged or kept apart as asked; nothing was changed."""


class StorageFull(PapersError, OSError):
    """The database could not be written because there is no room."""
