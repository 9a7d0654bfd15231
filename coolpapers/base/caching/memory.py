"""A Django cache in this process's memory that is bounded in bytes, as an entry may be a count or a list of 100 kB.

Django's own counts entries only, so that 20,000 rendered summaries may take 300 MB.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache

DEFAULT_BYTES = 32 << 20
ENTRY_BYTES = 300  # of an entry's key and places in dictionaries, and of what a counter grows


class _Sizes(dict[str, int]):
    """Bytes of each entry, and of all."""

    total = 0


# By name: Django makes a cache for each thread, and those of one name share their entries.
_sizes: dict[str, _Sizes] = {}


class MemoryCache(LocMemCache):
    """``OPTIONS``: ``MAX_BYTES`` of all entries of this name, pickled; ``MAX_ENTRIES`` as in Django.

    The entries that were read or written last stay. An entry that is larger than half of ``MAX_BYTES`` is not kept.
    """

    _cache: OrderedDict[str, bytes]
    _cull_frequency: int

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self._max_bytes = int(params.get("OPTIONS", {}).get("MAX_BYTES", DEFAULT_BYTES))
        self._sizes = _sizes.setdefault(name, _Sizes())

    @property
    def n_bytes(self) -> int:
        """The bytes of all entries."""
        return self._sizes.total

    # Django holds its lock in each of these.

    def _set(self, key: str, value: bytes, timeout: Any = DEFAULT_TIMEOUT) -> None:
        self._delete(key)
        size = ENTRY_BYTES + len(value)
        if size > self._max_bytes // 2:
            return
        while self._cache and self._sizes.total + size > self._max_bytes:
            self._cull()
        super()._set(key, value, timeout)  # type: ignore[misc] # django-stubs know public methods only
        self._sizes[key] = size
        self._sizes.total += size

    def _delete(self, key: str) -> bool:
        self._sizes.total -= self._sizes.pop(key, 0)
        return bool(super()._delete(key))  # type: ignore[misc]

    def _cull(self) -> None:
        """Forget the third of the entries that was used least lately."""
        for _ in range(max(len(self._cache) // self._cull_frequency, 1)):
            self._delete(next(reversed(self._cache)))

    def clear(self) -> None:
        """Forget everything, for all threads."""
        super().clear()
        self._sizes.clear()
        self._sizes.total = 0
