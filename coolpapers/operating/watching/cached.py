"""A value that is expensive to compute and may be some seconds old."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cached(Generic[T]):
    """The result of a function for some seconds. While one thread computes it anew, others get the old one."""

    def __init__(self, compute: Callable[[], T], *, lasts_s: float) -> None:
        self._compute, self._lasts_s = compute, lasts_s
        self._lock = threading.Lock()
        self._values: list[T] = []  # none before the first time
        self._until = 0.0

    def get(self, now: float) -> T:
        """``now`` on the monotonic clock."""
        if (now >= self._until or not self._values) and self._lock.acquire(blocking=not self._values):
            try:
                if now >= self._until or not self._values:  # another thread may have computed it meanwhile
                    self._values = [self._compute()]
                    self._until = now + self._lasts_s
            finally:
                self._lock.release()
        return self._values[0]

    def forget(self) -> None:
        self._until = 0.0
