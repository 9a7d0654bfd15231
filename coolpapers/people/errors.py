"""Errors in the input of readers and their devices.

::

    PeopleError
    ├── InvalidFile (ValueError)      a file that cannot be imported; the message is for the reader
    ├── InvalidRequest (ValueError)   a malformed request of a device
    ├── ProviderUnreachable           the sign-in server of the institution does not answer as it should
    └── SignInRefused                 a sign-in there that does not count here; the message is for the reader
"""

from __future__ import annotations


class PeopleError(Exception):
    """Base class of this package's errors."""


class InvalidFile(PeopleError, ValueError):
    """A file cannot be imported; the message says what it holds and what was expected."""


class InvalidRequest(PeopleError, ValueError):
    """A request of a device is malformed."""


class ProviderUnreachable(PeopleError):
    """The OpenID Connect provider does not answer, or not as the standard asks; the message is for the log."""


class SignInRefused(PeopleError):
    """The provider or this site refuses the sign-in; the message is for the reader."""
