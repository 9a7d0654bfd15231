"""What can go wrong in search.

SearchError
├── QuerySyntaxError (ValueError)    the query does not parse: 400 for a tool, plain words for a page
├── QueryTooLarge (ValueError)       more terms or nesting than the guard allows
├── IndexMissing (LookupError)       no index yet: 503 and the command that mends it
├── IndexDamaged (OSError)           an index that does not open
├── IndexLocked (RuntimeError)       another process is writing
├── IndexUnwritable (OSError)        the disk is full, or the folder may not be written
├── StageUnavailable (RuntimeError)  an optional ranking stage cannot run: the one before it answers
│   └── DenseUnavailable             no vectors, or no encoder (yet)
├── AnchorsBroken (ValueError)       anchors half written, of another model, or not to be built
├── DatasetBroken (ValueError)       a test collection that is not in the layout
└── EvaluationFailed (RuntimeError)  a ranking that cannot be measured here
"""

from __future__ import annotations


class SearchError(Exception):
    """Base of everything raised on purpose by ``search``."""


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
    """The query has more terms or deeper nesting than the guard allows."""


class IndexMissing(SearchError, LookupError):
    """There is no index at the backend's place."""


class IndexDamaged(SearchError, OSError):
    """The index does not open; ``rebuild_index`` makes a new one from the database."""


class IndexLocked(SearchError, RuntimeError):
    """Another process holds the writer's lock."""


class IndexUnwritable(SearchError, OSError):
    """The index cannot be written: the disk is full, or permission is missing. What was there before is intact."""


class StageUnavailable(SearchError, RuntimeError):
    """An optional stage cannot run now; ``is_transient`` where waiting mends it."""

    def __init__(self, reason: str, *, is_transient: bool = False) -> None:
        super().__init__(reason)
        self.is_transient = is_transient


class DenseUnavailable(StageUnavailable):
    """There are no vectors, they belong to another model, or the encoder is not loaded."""


class AnchorsBroken(SearchError, ValueError):
    """The anchors are half written, belong to other models, or cannot be built; the message has the cure."""


class DatasetBroken(SearchError, ValueError):
    """A test collection whose files are missing or not in the layout; the message has file and line."""


class EvaluationFailed(SearchError, RuntimeError):
    """A ranking cannot be measured: a stage of its mode does not run here."""
