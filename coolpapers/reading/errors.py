"""What can go wrong in reading.

ReadingError
├── SummaryError                              no summary could be made; ``reason`` is shown to the reader
│   ├── NothingToSummarize (ValueError)       the paper has neither abstract nor full text
│   ├── SummarizerRefused (ValueError)        the endpoint will not answer this, however often it is asked
│   └── SummarizerUnavailable (ConnectionError)  it did not answer well within all attempts
├── QueueFull (RuntimeError)                  too many summaries are waiting
├── ClaimLost (RuntimeError)                  another worker has taken this summary over
└── FetchError (OSError)                      a PDF could not be had from its source; ``reason`` is shown
"""

from __future__ import annotations


class ReadingError(Exception):
    """Base of this package's errors."""


class SummaryError(ReadingError):
    """A summary failed. ``reason`` is one sentence for readers: what happened, without keys or addresses."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NothingToSummarize(SummaryError, ValueError):
    """There is no text to make a summary of."""


class SummarizerRefused(SummaryError, ValueError):
    """Asking again would not help: a wrong key, an unknown model, a text that is too long."""


class SummarizerUnavailable(SummaryError, ConnectionError):
    """The last of several attempts failed; asking later may help."""


class QueueFull(ReadingError, RuntimeError):
    """No more summaries can wait."""


class ClaimLost(ReadingError, RuntimeError):
    """The summary is no longer this worker's; what it wrote is dropped."""


class FetchError(ReadingError, OSError):
    """A source did not give its PDF. ``reason`` is one sentence for readers."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
