"""What can go wrong in search.

SearchError
├── QuerySyntaxError (ValueError)    the query does not parse: 400 for a tool, plain words for a page
├── QueryTooLarge (ValueError)       more terms or nesting than the guard allows
├── IndexMissing (LookupError)       no index yet: 503 and the command that mends it
├── IndexDamaged (OSError)           an index that does not open
└── IndexLocked (RuntimeError)       another process is writing
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
