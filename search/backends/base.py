"""The contract every engine keeps, checked by ``tests/search/backends/contract.py``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from search.documents import Document
from search.query import Node
from search.results import EngineResult, Request


class SearchBackend(ABC):
    """A full-text index of papers.

    A writer is one at a time (:class:`~search.errors.IndexLocked` otherwise); readers never wait for it and
    never see half a batch. All text is analysed by ``search.analysis``, so engines agree on what a word is.
    """

    @abstractmethod
    def search(self, root: Node, request: Request) -> EngineResult:
        """Return one page of hits, best first; ties by key, so that paging is stable.

        Raises IndexMissing, IndexDamaged. A ``start`` past the end gives no hits and the exact total.
        """

    @abstractmethod
    def update(self, documents: Iterable[Document], *, removed: Iterable[str] = (), revision: int) -> int:
        """Add or replace documents by key, drop ``removed``, remember ``revision``; return how many were written.

        When it returns, the change survives kill −9. Killed before, the index is as it was or holds whole
        batches, and ``revision()`` still gives the old value, so the update is simply run again.
        """

    @abstractmethod
    def rebuild(self, documents: Iterable[Document], *, revision: int) -> int:
        """Build a new index aside and swap it in; searches go on, and a kill changes nothing."""

    @abstractmethod
    def revision(self) -> int:
        """The library revision the index has taken in; 0 where there is no index."""

    @abstractmethod
    def count(self) -> int:
        """How many documents the index holds."""

    @abstractmethod
    def keys(self) -> set[str]:
        """The key of every document, for ``check_index``."""

    @abstractmethod
    def suggest(self, word: str, *, limit: int = 5) -> list[str]:
        """Indexed words near a (misspelt) folded word, best first: by edit distance, then document frequency."""

    @abstractmethod
    def complete(self, prefix: str, *, limit: int = 8) -> list[str]:
        """Indexed title words that begin with a folded prefix, most frequent first."""
