"""Counters shared by the processes of a machine, as a Django cache: small files in one folder.

Django's file cache increments by an unlocked read and write, which loses counts of concurrent processes; this one holds
a lock. A counter expires TIMEOUT seconds after its last change.
"""

from __future__ import annotations

import fcntl
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

_CULL_EVERY = 64  # writes, on average; scanning the folder at each write would cost more than the write


class SharedCounts(FileBasedCache):
    """Django's file cache with ``add`` and ``incr`` atomic across processes."""

    def __init__(self, location: str | Path, params: dict[str, Any]) -> None:
        super().__init__(str(location), params)
        self._folder = Path(location)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        with self._locked():
            return super().add(key, value, timeout, version)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Increment and return the counter. Raises ValueError if it does not exist."""
        with self._locked():
            return super().incr(key, delta, version)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as file:  # closing it unlocks
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _cull(self) -> None:
        """At random intervals delete expired files, and some more if there are still too many."""
        if random.randrange(_CULL_EVERY):  # noqa: S311 - no cryptographic use
            return
        if self.default_timeout is not None:
            oldest = time.time() - self.default_timeout
            for path in self._folder.glob(f"*{self.cache_suffix}"):
                try:
                    if path.stat().st_mtime < oldest:
                        path.unlink()
                except FileNotFoundError:  # another process has deleted it
                    continue
        super()._cull()  # type: ignore[misc] # its stubs leave it out
