"""One model a process: loaded once, in the background if wanted, and let go when nobody has asked for it for a while.

Web workers and tasks ask :func:`shared`; two threads that ask at once get the same object, and the weights are read
once.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A process that ends in the midst of loading is aborted by the model's own threads; it may wait so long for them.
EXIT_WAIT_S = 60.0
_loading: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


class Resident(Generic[T]):
    """Something slow to load.

    Parameters
    ----------
    load
        Makes it. What it raises is raised by :meth:`get`, and the next :meth:`get` tries again.
    idle_s
        Seconds without :meth:`get` after which it may go; None keeps it.
    now
        The clock, in seconds.

    Examples
    --------
    >>> model = Resident(lambda: "weights")
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

    @property
    def loaded(self) -> bool:
        """Whether :meth:`get` would answer at once."""
        return self._value is not None

    def get(self) -> T:
        """The loaded object; waits for it."""
        with self._lock:
            if self._value is None:
                self._value = self._load()
            self._last_use = self._now()
            self._watch()
            return self._value

    def get_if_loaded(self) -> T | None:
        """The loaded object, or None at once, with loading begun: for pages that must not wait."""
        if self._value is None:
            self.start()
            return None
        return self.get()

    def start(self) -> threading.Thread:
        """Load in the background; a failure is logged, and met again by the next :meth:`get`."""
        thread = threading.Thread(target=self._load_quietly, daemon=True, name="rerank-load")
        _loading.add(thread)
        thread.start()
        return thread

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

    def unload(self) -> None:
        """Let it go now."""
        with self._lock:
            self._value = None
            if self._timer is not None:
                self._timer.cancel()

    def _load_quietly(self) -> None:
        try:
            self.get()
        except Exception:
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


_residents: dict[Hashable, Resident[Any]] = {}
_residents_lock = threading.Lock()


def shared(key: Hashable, load: Callable[[], T], *, idle_s: float | None = None) -> Resident[T]:
    """The resident of this key in this process; `load` and `idle_s` count only the first time."""
    with _residents_lock:
        if key not in _residents:
            _residents[key] = Resident(load, idle_s=idle_s)
        return _residents[key]


@atexit.register
def _wait_for_loading() -> None:
    for thread in list(_loading):
        thread.join(EXIT_WAIT_S)


def forget_all() -> None:
    """Unload everything: for tests, and before a process forks."""
    with _residents_lock:
        for resident in _residents.values():
            resident.unload()
        _residents.clear()
