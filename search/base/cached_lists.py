"""Lists of all words or names of an index, made again when the index has changed. Start at :class:`CachedList`."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

ListT = TypeVar("ListT")

logger = logging.getLogger(__name__)

# Largest share of time spent on remaking a list while the index keeps changing: the list lags behind a busy index.
MAX_SHARE = 0.02
# A list that is made so fast never lags.
QUICK_S = 0.02


@dataclass(frozen=True, slots=True)
class _Made(Generic[ListT]):
    value: ListT
    revision: int
    made_at: float
    took_s: float


class CachedList(Generic[ListT]):
    """A list that ``make`` reads from an index, which takes about a second for 100,000 papers."""

    def __init__(self, make: Callable[[], ListT]) -> None:
        self._make = make
        self._made: _Made[ListT] | None = None
        self._making = threading.Lock()
        self._future: Future[ListT] | None = None
        self._starting = threading.Lock()

    def get(self, revision: int) -> ListT:
        """The list for a revision of the index, or an older one that is remade later."""
        with self._making:
            made = self._made
            if made is None or self._is_due(made, revision):
                began = time.monotonic()
                value = self._make()
                now = time.monotonic()
                made = self._made = _Made(value, revision, made_at=now, took_s=now - began)
            return made.value

    def get_within(self, revision: int, *, wait_s: float) -> ListT | None:
        """As :meth:`get`, but the list is made in a thread.

        Until it is ready the older list is returned; where there is none after ``wait_s`` seconds, None.
        """
        made = self._made
        if made is not None and not self._is_due(made, revision):
            return made.value
        if made is not None and made.took_s < QUICK_S:
            return self.get(revision)
        future = self._remake(revision)
        if made is not None:
            return made.value
        try:
            return future.result(timeout=wait_s)
        except TimeoutError:
            return None

    @staticmethod
    def _is_due(made: _Made[ListT], revision: int) -> bool:
        if made.revision == revision:
            return False
        return made.took_s < QUICK_S or time.monotonic() - made.made_at >= made.took_s / MAX_SHARE

    def _remake(self, revision: int) -> Future[ListT]:
        with self._starting:
            if self._future is not None and not self._future.done():
                return self._future
            future = self._future = Future()

        def run() -> None:
            try:
                future.set_result(self.get(revision))
            except Exception as exc:  # passed on to whoever waits
                logger.warning("A list of the index cannot be made: %s", exc)
                future.set_exception(exc)

        threading.Thread(target=run, name="word-list", daemon=True).start()
        return future
