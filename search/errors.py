"""Exceptions of this package.

SearchError
├── QuerySyntaxError (ValueError)    the query does not parse: 400 in an API; a page reads it as plain words
├── QueryTooLarge (ValueError)       more terms or nesting than the limits allow
├── IndexMissing (LookupError)       there is no index yet: 503 and the command that builds one
├── IndexDamaged (OSError)           the index does not open
│   └── IndexOutdated                another version built it, and this one cannot read it or write to it
├── IndexUnreadable (OSError)        the system does not let this process read the index
│   └── IndexUnavailable             the search server does not answer, is too busy, or refuses the request
├── IndexLocked (RuntimeError)       another process is writing
├── IndexUnwritable (OSError)        the disk is full, or the folder may not be written
├── StageUnavailable (RuntimeError)  an optional ranking stage cannot run: fall back to the stage before
│   └── DenseUnavailable             no vectors, or no encoder (yet)
│       └── EmbeddingRunning         another process is embedding papers
├── AnchorsBroken (ValueError)       anchors incomplete, of another model, or impossible to build
├── DatasetBroken (ValueError)       a test collection is not in the expected layout
└── EvaluationFailed (RuntimeError)  a ranking cannot be measured here
"""

from __future__ import annotations


class SearchError(Exception):
    """Base class of this package's exceptions."""


class QuerySyntaxError(SearchError, ValueError):
    """The query does not parse.

    ``position`` counts characters from 0; ``cure`` says what to type instead.
    """

    def __init__(self, message: str, *, position: int, cure: str) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message} at position {self.position + 1}. {self.cure}"


class QueryTooLarge(SearchError, ValueError):
    """The query has more terms or deeper nesting than the limits allow."""


class IndexMissing(SearchError, LookupError):
    """The backend has no index."""


class IndexDamaged(SearchError, OSError):
    """The index does not open. ``rebuild_index`` builds a new one from the database."""


class IndexOutdated(IndexDamaged):
    """Another version built the index, and this version cannot read it or cannot add to it."""


class IndexUnreadable(SearchError, OSError):
    """The index may be whole, but the system refuses to open it: permission is missing, or too many files are open.

    A rebuild would not help. The message says what to do.
    """


class IndexUnavailable(IndexUnreadable):
    """The search server does not answer, is too busy, or refuses the request; nothing is said about the index itself.

    ``cure`` is what an administrator does about it. ``is_transient``: a retry may succeed.
    """

    def __init__(self, message: str, *, cure: str, is_transient: bool = False) -> None:
        super().__init__(message)
        self.cure = cure
        self.is_transient = is_transient


class IndexLocked(SearchError, RuntimeError):
    """Another process holds the write lock."""


class IndexUnwritable(SearchError, OSError):
    """The index cannot be written: the disk is full, or permission is missing. The last commit is intact."""


class StageUnavailable(SearchError, RuntimeError):
    """An optional stage cannot run now. ``is_transient``: a retry may succeed."""

    def __init__(self, reason: str, *, is_transient: bool = False) -> None:
        super().__init__(reason)
        self.is_transient = is_transient


class DenseUnavailable(StageUnavailable):
    """There are no vectors, the vectors belong to another model, or the encoder is not loaded."""


class EmbeddingRunning(DenseUnavailable):
    """Another process is embedding papers, and only one may write vectors."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"another process is embedding papers: {reason}", is_transient=True)


class AnchorsBroken(SearchError, ValueError):
    """The anchors are incomplete, belong to other models, or cannot be built. The message says what to do."""


class DatasetBroken(SearchError, ValueError):
    """Files of a test collection are missing or malformed. The message has file and line."""


class EvaluationFailed(SearchError, RuntimeError):
    """A ranking cannot be measured because a stage of its mode does not run here."""
