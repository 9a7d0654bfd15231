"""Errors of reading.

ReadingError
├── SummaryError                                 no summary could be written; readers see ``reason``
│   ├── NothingToSummarize (ValueError)          the paper has neither abstract nor full text
│   ├── SummarizerRefused (ValueError)           permanent: the endpoint refuses the request; a retry cannot help
│   └── SummarizerUnavailable (ConnectionError)  transient: no complete answer within all attempts
├── QueueFull (RuntimeError)                     too many summaries are queued
├── ClaimLost (RuntimeError)                     another worker has claimed the summary
└── FetchError (OSError)                         a PDF could not be fetched; readers see ``reason``
"""

from __future__ import annotations


class ReadingError(Exception):
    """Base of this package's errors."""


class SummaryError(ReadingError):
    """A summary failed. ``reason`` is one sentence for readers, without keys and addresses."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NothingToSummarize(SummaryError, ValueError):
    """There is no text to summarize."""


class SummarizerRefused(SummaryError, ValueError):
    """A permanent failure: a wrong key, an unknown model, a text that is too long."""


class SummarizerUnavailable(SummaryError, ConnectionError):
    """A transient failure: the last of several attempts failed; a later retry may succeed."""


class QueueFull(ReadingError, RuntimeError):
    """The queue of summaries is full."""


class ClaimLost(ReadingError, RuntimeError):
    """Another worker has claimed the summary; this worker's text is dropped."""


class FetchError(ReadingError, OSError):
    """A PDF could not be fetched from its source. ``reason`` is one sentence for readers."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
