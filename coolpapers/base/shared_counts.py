"""Numbers that the processes of a machine count together, as a cache of Django: small files in one folder.

Django's own file cache reads a number and writes it back, so that of two processes that count at once one is lost;
here a lock lies between. A number is forgotten so long after its last change as TIMEOUT says.
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

_SWEEP_EVERY = 64  # writes, on average; looking through the folder at each would cost more than all the rest


class SharedCounts(FileBasedCache):
    """Django's file cache whose ``add`` and ``incr`` are one step for all processes."""

    def __init__(self, location: str | Path, params: dict[str, Any]) -> None:
        super().__init__(str(location), params)
        self._folder = Path(location)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        with self._locked():
            return super().add(key, value, timeout, version)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """The number after it has grown. Raises ValueError where there is none."""
        with self._locked():
            return super().incr(key, delta, version)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as file:  # closing it unlocks
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _cull(self) -> None:
        """Now and then drop what nobody asks for any more, and some where there are still too many."""
        if random.randrange(_SWEEP_EVERY):  # noqa: S311 - any number will do
            return
        if self.default_timeout is not None:
            oldest = time.time() - self.default_timeout
            for path in self._folder.glob(f"*{self.cache_suffix}"):
                try:
                    if path.stat().st_mtime < oldest:
                        path.unlink()
                except FileNotFoundError:  # another process was first
                    continue
        super()._cull()  # type: ignore[misc] # its stubs leave it out
