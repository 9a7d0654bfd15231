"""One model a process: loaded once, in the background, and let go when nobody has asked for it for a while."""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from rerank.errors import LoadFailed, StillLoading

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A process that ends in the midst of loading is aborted by the model's own threads; it may wait so long for them.
EXIT_WAIT_S = 60.0
RETRY_S = 60.0  # what could not be loaded is tried again after so long: somebody may have mended it
_loading: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


class LazyModel(Generic[T]):
    """Something slow to load.

    Parameters
    ----------
    load
        Makes it.
    idle_s
        Seconds without being asked for after which it may go; None keeps it.
    now
        The clock, in seconds.

    Examples
    --------
    >>> model = LazyModel(lambda: "weights")
    >>> model.loaded, model.get(), model.loaded
    (False, 'weights', True)
    """

    def __init__(
        self, load: Callable[[], T], *, idle_s: float | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._idle_s = idle_s
        self._now = now
        self._lock = threading.Lock()
        self._value: T | None = None
        self._last_use = now()
        self._timer: threading.Timer | None = None
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None
        self._failed_at = now()

    @property
    def loaded(self) -> bool:
        """Whether it would be there at once."""
        return self._value is not None

    def get(self) -> T:
        """The loaded object; waits for it as long as it takes, and raises what `load` raises."""
        with self._lock:
            if self._value is None:
                self._value = self._load()
            self._last_use = self._now()
            self._watch()
            return self._value

    def get_within(self, wait_s: float) -> T:
        """The loaded object if it is there within so many seconds; meanwhile it loads in the background.

        Raises
        ------
        StillLoading
            If it is not there yet.
        LoadFailed
            If it could not be loaded; a call after :data:`RETRY_S` tries again.
        """
        value = self._value
        if value is None:
            loading = self._start()
            loading.join(wait_s)
            value = self._value
            if value is None and self._failure is not None and not loading.is_alive():
                raise LoadFailed(str(self._failure) or type(self._failure).__name__) from self._failure
            if value is None:
                raise StillLoading(f"Not loaded within {wait_s:g} s; ask again.")
        self._last_use = self._now()
        return value

    def unload_if_idle(self) -> bool:
        """Let it go if nobody asked for `idle_s`; True if it went."""
        with self._lock:
            idle = self._now() - self._last_use
            if self._value is None or self._idle_s is None or idle < self._idle_s:
                self._watch()
                return False
            self._value = None
            logger.info("Unloaded a model after %.0f s without a request.", idle)
            return True

    def _start(self) -> threading.Thread:
        """The thread that loads: the running one, the one that failed a moment ago, or a new one."""
        with self._starting:
            has_just_failed = self._failure is not None and self._now() - self._failed_at < RETRY_S
            if self._thread is None or not (self._thread.is_alive() or has_just_failed):
                self._failure = None
                self._thread = threading.Thread(target=self._load_quietly, daemon=True, name="rerank-load")
                _loading.add(self._thread)
                self._thread.start()
            return self._thread

    def _load_quietly(self) -> None:
        try:
            self.get()
        except Exception as exc:  # the edge of a thread; who asks is told
            self._failure, self._failed_at = exc, self._now()
            logger.exception("Loading in the background failed.")

    def _watch(self) -> None:
        """One timer that looks again when the time could be up."""
        if self._idle_s is None or self._value is None or (self._timer is not None and self._timer.is_alive()):
            return
        wait = max(self._idle_s - (self._now() - self._last_use), 0.01)
        self._timer = threading.Timer(wait, self._wake)
        self._timer.daemon = True
        self._timer.start()

    def _wake(self) -> None:
        self._timer = None
        self.unload_if_idle()


@atexit.register
def _wait_for_loading() -> None:
    for thread in list(_loading):
        thread.join(EXIT_WAIT_S)
