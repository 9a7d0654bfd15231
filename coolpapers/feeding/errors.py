"""Errors of feeding.

FeedingError
├── SourceMisconfigured (ValueError)   a source lacks what its kind needs
└── NotOnDemand (LookupError)          no source gives papers with identifiers of this kind
"""

from __future__ import annotations


class FeedingError(Exception):
    """Base of this package's errors."""


class SourceMisconfigured(FeedingError, ValueError):
    """A source lacks what its kind needs; the message says what."""


class NotOnDemand(FeedingError, LookupError):
    """No source gives papers with identifiers of this kind one by one."""
