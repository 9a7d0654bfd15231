"""The interface of an engine. ``tests/search/engines/contract/contract.py`` checks every engine against it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from search.engines.documents import Document
from search.engines.results import EngineResult, Request
from search.language.query import Node
from search.text.spelling import WordList

# Streams with unstemmed words, and with names, for suggestions.
_WORD_STREAMS = ("title_exact", "abstract_exact", "author")
_NAME_STREAMS = ("author",)
# Largest share of time spent on rebuilding the word list while the index keeps changing.
_WORDS_SHARE = 0.02


class SearchBackend(ABC):
    """A full-text index of papers.

    There is one writer at a time (otherwise :class:`~search.errors.IndexLocked`). Readers never wait for it and never
    see part of a batch. ``search.text.analysis`` analyses all text and ``search.engines.compiling`` compiles every
    query, so all engines find the same papers.
    """

    @abstractmethod
    def search(self, root: Node, request: Request) -> EngineResult:
        """Return one page of hits, best first; equal scores newest first, then in a fixed order, so paging is stable.

        A query of filters only is sorted newest first. A ``start`` past the end returns no hits and the exact total.

        Raises
        ------
        IndexMissing, IndexDamaged, QueryTooLarge
        """

    @abstractmethod
    def update(
        self, documents: Iterable[Document], *, removed: Iterable[str] = (), revision: int, origin: str = ""
    ) -> int:
        """Add or replace documents by key, delete ``removed``, store ``revision``; return the number of documents.

        ``origin`` names the history of the library that the revision belongs to.

        Once it has returned, the change survives a kill of the process. After a kill in between, the index has
        whole batches only and the old revision; running the update again is safe, because it is idempotent.
        Raises IndexMissing, IndexDamaged, IndexLocked, IndexUnwritable.
        """

    @abstractmethod
    def rebuild(self, documents: Iterable[Document], *, revision: int, origin: str = "") -> int:
        """Build a new index beside the current one and replace it. Searches continue, and a kill changes nothing.

        Raises IndexLocked, IndexUnwritable.
        """

    @abstractmethod
    def revision(self) -> int:
        """The library revision that the index contains; 0 where there is no index. Raises IndexDamaged."""

    @abstractmethod
    def origin(self) -> str:
        """The history that :meth:`revision` belongs to; "" where there is no index. Raises IndexDamaged."""

    def verify(self, *, changed_only: bool = False) -> list[str]:  # noqa: ARG002 # for engines with files
        """Read all files of the index; return the names of those that are damaged.

        With ``changed_only``, files that this process has read and that have not been written since are not read.

        After that, or after a search that found damage, every use of the index raises IndexDamaged until it is rebuilt.
        Raises IndexMissing, IndexDamaged.
        """
        return []

    @abstractmethod
    def count(self) -> int:
        """The number of documents. Raises IndexMissing, IndexDamaged."""

    @abstractmethod
    def keys(self) -> set[str]:
        """The key of every document, for ``check_index``. Raises IndexMissing, IndexDamaged."""

    @abstractmethod
    def document_frequencies(self, stream: str, tokens: Iterable[str]) -> dict[str, int]:
        """The number of documents with each token in a stream (see ``search.engines.streams``)."""

    @abstractmethod
    def words(self, stream: str, prefix: str) -> list[tuple[str, int]]:
        """The tokens of a stream that begin with a prefix, and the number of documents of each; in any order."""

    def suggest(self, word: str, *, limit: int = 5, is_name: bool = False) -> list[str]:
        """Indexed words (or names) near a misspelt folded word, best first: by edit distance, then document frequency.

        The word list may be older than the index (see ``_WORDS_SHARE``).
        """
        return self._word_list(_NAME_STREAMS if is_name else _WORD_STREAMS).nearest(word, limit=limit)

    def complete(self, prefix: str, *, limit: int = 8) -> list[str]:
        """Indexed title words that begin with a folded prefix, most frequent first."""
        counted = [item for item in self.words("title_exact", prefix) if item[0].isalnum()]
        return [word for word, _ in sorted(counted, key=lambda item: (-item[1], item[0]))[:limit]]

    def _word_list(self, streams: tuple[str, ...]) -> WordList:
        """All words of some streams. It takes 0.3 s for 100,000 papers, so the list may lag behind a busy index."""
        word_lists: dict[tuple[str, ...], _CachedWords] = self.__dict__.setdefault("_word_lists", {})
        cached = word_lists.get(streams)
        revision, began = self.revision(), time.monotonic()
        if cached and (cached.revision == revision or began - cached.made_at < cached.took_s / _WORDS_SHARE):
            return cached.words
        frequencies: dict[str, int] = {}
        for stream in streams:
            for word, frequency in self.words(stream, ""):
                frequencies[word] = max(frequency, frequencies.get(word, 0))
        words, now = WordList(frequencies), time.monotonic()
        word_lists[streams] = _CachedWords(words, revision, made_at=now, took_s=now - began)
        return words


@dataclass(frozen=True, slots=True)
class _CachedWords:
    words: WordList
    revision: int
    made_at: float
    took_s: float
