"""Stopping a long loop cleanly: it finishes the current batch and returns.

Loops take a :data:`Stop` callback and call it between two batches. :func:`stop_on_signal` makes one that SIGTERM
and Ctrl-C set.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

Stop = Callable[[], bool]  # True: return after the current batch

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def never_stop() -> bool:
    """The :data:`Stop` callback of a loop that runs to its end."""
    return False


@contextlib.contextmanager
def stop_on_signal() -> Iterator[Stop]:
    """Yield a :data:`Stop` callback that the first SIGTERM or SIGINT sets; a second signal is handled as before.

    Outside the main thread Python delivers no signals, so the callback stays False there.
    """
    is_requested = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield is_requested.is_set
        return
    previous = {number: signal.getsignal(number) for number in _SIGNALS}

    def request_stop(number: int, _frame: FrameType | None) -> None:
        if is_requested.is_set():
            signal.signal(number, previous[signal.Signals(number)])
            signal.raise_signal(number)
        is_requested.set()

    for number in _SIGNALS:
        signal.signal(number, request_stop)
    try:
        yield is_requested.is_set
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
