"""A model that is loaded on first use, once per process and in the background, and unloaded when idle."""

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

# A process that exits while a model is loading is aborted by the threads of the loader, so exit waits for them.
EXIT_WAIT_S = 60.0
RETRY_S = 60.0  # time until a failed load is retried
_loading: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


class LazyModel(Generic[T]):
    """An object that is slow to load.

    Parameters
    ----------
    load
        Loads it.
    idle_s
        Seconds without a request after which it is unloaded; None keeps it.
    now
        Clock, in seconds.

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
        """Whether the object is in memory."""
        return self._value is not None

    def get(self) -> T:
        """The object; waits until it is loaded, and raises what `load` raises."""
        with self._lock:
            if self._value is None:
                self._value = self._load()
            self._last_use = self._now()
            self._watch()
            return self._value

    def get_within(self, wait_s: float) -> T:
        """The object, if it is loaded within `wait_s` seconds; loading continues in the background.

        Raises
        ------
        StillLoading
            If it is not loaded yet.
        LoadFailed
            If loading failed; a call after :data:`RETRY_S` retries.
        """
        value = self._value
        if value is None:
            thread = self._start()
            thread.join(wait_s)
            value = self._value
            if value is None and self._failure is not None and not thread.is_alive():
                raise LoadFailed(str(self._failure) or type(self._failure).__name__) from self._failure
            if value is None:
                raise StillLoading(f"The model was not loaded within {wait_s:g} s; retry later.")
        self._last_use = self._now()
        return value

    def unload_if_idle(self) -> bool:
        """Unload the object if it was not requested for `idle_s` seconds; True if it was unloaded."""
        with self._lock:
            idle = self._now() - self._last_use
            if self._value is None or self._idle_s is None or idle < self._idle_s:
                self._watch()
                return False
            self._value = None
            logger.info("Unloaded a model after %.0f s without a request.", idle)
            return True

    def _start(self) -> threading.Thread:
        """The loading thread: the running one, one that failed less than RETRY_S ago, or a new one."""
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
        except Exception as exc:  # the edge of a thread; get_within raises it
            self._failure, self._failed_at = exc, self._now()
            # At exit the interpreter refuses new threads, and the loader fails: nobody waits for the model any more.
            is_exiting = not threading.main_thread().is_alive()
            logger.log(
                logging.DEBUG if is_exiting else logging.ERROR, "Loading in the background failed.", exc_info=exc
            )

    def _watch(self) -> None:
        """Start a timer that checks again when the object could be idle, unless one is running."""
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
