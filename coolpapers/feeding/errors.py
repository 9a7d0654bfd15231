"""Errors of feeding.

FeedingError
├── SourceMisconfigured (ValueError)   a source lacks what its kind needs
├── NotOnDemand (LookupError)          no registry gives papers with identifiers of this kind
├── TooManyRequests (RuntimeError)     too many papers wait to be fetched
└── UploadRefused (ValueError)         a file that a reader uploads cannot be taken
"""

from __future__ import annotations


class FeedingError(Exception):
    """Base of this package's errors."""


class SourceMisconfigured(FeedingError, ValueError):
    """A source lacks what its kind needs; the message says what."""


class NotOnDemand(FeedingError, LookupError):
    """No registry gives papers with identifiers of this kind one by one."""


class TooManyRequests(FeedingError, RuntimeError):
    """Too many papers wait to be fetched."""


class UploadRefused(FeedingError, ValueError):
    """A file that a reader uploads cannot be taken; the message says why, in the reader's language."""
