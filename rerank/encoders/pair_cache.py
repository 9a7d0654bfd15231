"""Cache of pair scores. Keys contain the model's identity.

The cache here is in memory and bounded; any object with ``get_many`` and ``set_many`` works, such as Django's caches.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

DEFAULT_SIZE = 200_000  # scores; about 30 MB


class ScoreCache(Protocol):
    """Interface of a score cache."""

    def get_many(self, keys: Iterable[str]) -> Mapping[str, float]:
        """The cached scores by key; missing keys are left out."""

    def set_many(self, data: Mapping[str, float]) -> Any:
        """Store scores by key."""


class MemoryScoreCache:
    """LRU cache of this process; thread-safe.

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
        """The cached scores by key; they become the most recently used."""
        with self._lock:
            cached = {key: self._scores[key] for key in keys if key in self._scores}
            for key in cached:
                self._scores.move_to_end(key)
            return cached

    def set_many(self, data: Mapping[str, float]) -> None:
        """Store scores; the least recently used ones are dropped above ``self.size``."""
        with self._lock:
            for key, score in data.items():
                self._scores[key] = score
                self._scores.move_to_end(key)
            while len(self._scores) > self.size:
                self._scores.popitem(last=False)


def pair_keys(identity: str, query: str, texts: Sequence[str]) -> list[str]:
    """Cache keys of one query with many texts; `identity` is that of the cross-encoder.

    >>> len(set(pair_keys("m", "q", ["a", "b"]) + pair_keys("n", "q", ["a", "b"])))
    4
    """
    prefix = hashlib.blake2b(digest_size=16)
    for part in (identity, query):
        prefix.update(part.encode("utf-8", "surrogatepass") + b"\0")
    keys = []
    for text in texts:
        digest = prefix.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        keys.append(f"pair:{digest.hexdigest()}")
    return keys
