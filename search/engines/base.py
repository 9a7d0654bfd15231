"""The interface of an engine. ``tests/search/engines/contract/contract.py`` checks every engine against it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from search.base.cached_lists import CachedList, ListT
from search.engines.documents import Document
from search.engines.results import EngineResult, Request
from search.language.query import Node
from search.text.name_list import MAX_NAMES, NameList
from search.text.spelling import WordList

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Search = tuple[Node, Request]

# Streams with unstemmed words, and with names, for suggestions.
_WORD_STREAMS = ("title_exact", "abstract_exact", "author")
_NAME_STREAMS = ("author",)
_READINGS_STREAM = "author_exact"


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

    def search_many(self, searches: Sequence[Search]) -> list[EngineResult]:
        """The results of several searches, in order; in one round trip where the index is on a server.

        Raises as :meth:`search`.
        """
        return [self.search(root, request) for root, request in searches]

    @abstractmethod
    def update(
        self, documents: Iterable[Document], *, removed: Iterable[str] = (), revision: int, origin: str = ""
    ) -> int:
        """Add or replace documents by key, delete ``removed``, store ``revision``; return the number of documents.

        ``origin`` names the history of the library that the revision belongs to.

        Once it has returned, the change survives a kill of the process. After a kill in between, the index has
        whole batches only and the old revision; running the update again is safe, because it is idempotent.
        Raises IndexMissing, IndexDamaged, IndexOutdated, IndexLocked, IndexUnwritable.
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

    def is_outdated(self) -> bool:
        """Whether an older version built the index: it is searched, finds less, and has to be rebuilt.

        Raises IndexMissing, IndexDamaged.
        """
        return False

    def verify(self, *, changed_only: bool = False) -> list[str]:  # noqa: ARG002 # for engines with files
        """Read all files of the index; return the names of those that are damaged.

        With ``changed_only``, files that this process has read and that have not been written since are not read.

        After that, or after a search that found damage, every use of the index raises IndexDamaged until it is rebuilt.
        Raises IndexMissing, IndexDamaged.
        """
        return []

    def advice(self) -> list[tuple[StrOrPromise, StrOrPromise]]:
        """What is wrong with the engine although it answers, for ``doctor``: sentences, each with what mends it."""
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
    def words(self, stream: str, prefix: str, *, limit: int | None = None) -> list[tuple[str, int]]:
        """The tokens of a stream that begin with a prefix, and the number of documents of each; in any order.

        At most ``limit`` of them, the most frequent ones.
        """

    @abstractmethod
    def containing(self, stream: str, token: str, *, limit: int) -> list[str]:
        """Keys of documents that have a token in a stream; at most ``limit``, in any order."""

    def suggest(self, word: str, *, limit: int = 5, is_name: bool = False, max_edits: int = 2) -> list[str]:
        """Indexed words (or names) near a misspelt folded word, most likely first.

        The word list may be older than the index (:mod:`search.base.cached_lists`).
        """
        return self._word_list(_NAME_STREAMS if is_name else _WORD_STREAMS).nearest(
            word, limit=limit, max_edits=max_edits
        )

    def complete(self, prefix: str, *, limit: int = 8) -> list[str]:
        """Indexed title words that begin with a folded prefix, most frequent first."""
        counted = [item for item in self.words("title_exact", prefix) if item[0].isalnum()]
        return [word for word, _ in sorted(counted, key=lambda item: (-item[1], item[0]))[:limit]]

    def complete_names(self, typed: Sequence[str], *, limit: int, wait_s: float) -> list[str]:
        """Readings of authors who have all folded words typed, the last one maybe unfinished; most frequent first.

        The list of names is made in a thread, and may be older than the index. While there is none, the call waits
        ``wait_s`` seconds for it, then returns no names.
        """
        names = self._list(NameList, self._make_names).get_within(self.revision(), wait_s=wait_s)
        return names.complete(typed, limit=limit) if names is not None else []

    def names_with(self, reading: str, *, limit: int) -> list[str]:
        """Keys of papers with an author of this reading."""
        return self.containing(_READINGS_STREAM, reading, limit=limit)

    def _make_names(self) -> NameList:
        # A name has two readings or fewer on average.
        return NameList(self.words(_READINGS_STREAM, "", limit=2 * MAX_NAMES))

    def _word_list(self, streams: tuple[str, ...]) -> WordList:
        def make() -> WordList:
            frequencies: dict[str, int] = {}
            for stream in streams:
                for word, frequency in self.words(stream, ""):
                    frequencies[word] = max(frequency, frequencies.get(word, 0))
            return WordList(frequencies)

        return self._list(streams, make).get(self.revision())

    def _list(self, name: object, make: Callable[[], ListT]) -> CachedList[ListT]:
        lists: dict[object, CachedList[Any]] = self.__dict__.setdefault("_lists", {})
        return lists.setdefault(name, CachedList(make))
