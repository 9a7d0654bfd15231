"""What is computed of words, kept while the words are used. Start at :class:`RecentWords`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

ValueT = TypeVar("ValueT")

# Longer words are not kept, so that a number of words bounds the memory: a run of Chinese, or of anything without
# blanks, may be as long as its text, and hardly any comes twice.
MAX_KEPT_CHARS = 80


class RecentWords(dict[str, ValueT]):
    """Word → ``compute(word)``, of the words that were looked up lately.

    There are at most ``limit`` values, in two halves. When the newer half is full, it becomes the older one, whose
    values return to the newer half as they are looked up again. So a word that is used stays, as in ``lru_cache``, and
    a lookup in the newer half is one of a dictionary, without a call of Python. A dictionary that is cleared when it is
    full would compute everything again.

    ``compute`` must not return None. Threads may share one: a value may then be computed twice.
    """

    def __init__(self, compute: Callable[[str], ValueT], *, limit: int) -> None:
        super().__init__()
        self._compute = compute
        self._half = max(limit // 2, 1)
        self._older: dict[str, ValueT] = {}
        self._turning = threading.Lock()

    def __missing__(self, word: str) -> ValueT:
        if len(word) > MAX_KEPT_CHARS:
            return self._compute(word)
        value = self._older.get(word)
        if value is None:
            value = self._compute(word)
        if len(self) >= self._half:
            self._turn()
        self[word] = value
        return value

    @property
    def n_kept(self) -> int:
        """The number of values of both halves; a value may stand in both."""
        return len(self) + len(self._older)

    def _turn(self) -> None:
        with self._turning:
            if len(self) >= self._half:  # no other thread has done it
                self._older = dict(self)
                self.clear()
