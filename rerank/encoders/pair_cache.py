"""A cache of pair scores, filed under the model that gave them.

In memory and bounded; anything with ``get_many`` and ``set_many`` (Django's caches have both) can take its place.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

DEFAULT_SIZE = 200_000  # scores; about 30 MB


class ScoreCache(Protocol):
    """What a place for scores must do."""

    def get_many(self, keys: Iterable[str]) -> Mapping[str, float]:
        """The scores it has, by key."""

    def set_many(self, data: Mapping[str, float]) -> Any:
        """Keep these."""


class MemoryScoreCache:
    """The most recently used scores of this process; safe between threads.

    >>> cache = MemoryScoreCache(size=2)
    >>> cache.set_many({"a": 1.0, "b": 2.0}); cache.set_many({"c": 3.0})
    >>> cache.get_many(["a", "c"])
    {'c': 3.0}
    """

    def __init__(self, *, size: int = DEFAULT_SIZE) -> None:
        self.size = size
        self._scores: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def get_many(self, keys: Iterable[str]) -> dict[str, float]:
        """The scores it has; these become the most recent."""
        with self._lock:
            found = {key: self._scores[key] for key in keys if key in self._scores}
            for key in found:
                self._scores.move_to_end(key)
            return found

    def set_many(self, data: Mapping[str, float]) -> None:
        """Keep these, and let the oldest go."""
        with self._lock:
            for key, score in data.items():
                self._scores[key] = score
                self._scores.move_to_end(key)
            while len(self._scores) > self.size:
                self._scores.popitem(last=False)


def pair_keys(identity: str, query: str, texts: Sequence[str]) -> list[str]:
    """Keys of one query with many texts; `identity` names the model, its number format and its token budget.

    >>> len(set(pair_keys("m", "q", ["a", "b"]) + pair_keys("n", "q", ["a", "b"])))
    4
    """
    start = hashlib.blake2b(digest_size=16)
    for part in (identity, query):
        start.update(part.encode("utf-8", "surrogatepass") + b"\0")
    keys = []
    for text in texts:
        digest = start.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        keys.append(f"pair:{digest.hexdigest()}")
    return keys
