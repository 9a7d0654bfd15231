"""For long commands: a progress line with share, speed and time left, and a clean stop on SIGTERM."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from search.base.aliases import ShouldStop


class ProgressLine:
    """A line of a terminal, rewritten at most four times per second; silent if the output is not a terminal.

    ``clock`` returns monotonic seconds. ``unit`` names the counted things and ``n_total`` is their number, or None if
    it is unknown or :meth:`show` receives the share.
    """

    def __init__(
        self,
        out: TextIO,
        *,
        clock: Callable[[], float],
        interval_s: float = 0.25,
        unit: str = "records",
        n_total: int | None = None,
        is_wanted: bool = True,
    ) -> None:
        self._out = out
        self._unit = unit
        self._n_total = n_total
        self._clock = clock
        self._interval_s = interval_s
        self._started = clock()
        self._shown_at = -interval_s
        self._width = 0
        self.enabled = is_wanted and out.isatty()

    def show(self, n_done: int, *, share: float | None = None) -> None:
        """``n_done`` are done, ``share`` (0 to 1) of the total; None: computed from ``n_total``, or unknown."""
        now = self._clock()
        if not self.enabled or now - self._shown_at < self._interval_s:
            return
        self._shown_at = now
        if share is None and self._n_total:
            share = min(n_done / self._n_total, 1.0)
        self._write(progress_text(n_done, self._unit, share=share, elapsed_s=now - self._started))

    def clear(self) -> None:
        if self._width:
            self._out.write("\r" + " " * self._width + "\r")
            self._width = 0

    def _write(self, text: str) -> None:
        self._out.write("\r" + text.ljust(self._width))
        self._out.flush()
        self._width = len(text)


def progress_text(n_done: int, unit: str, *, share: float | None, elapsed_s: float) -> str:
    """``12,000 records · 40 % · 3,950/s · 5 s left``"""
    parts = [f"{n_done:,} {unit}"]
    if share is not None:
        parts.append(f"{share:.0%}")
    if elapsed_s > 0:
        parts.append(f"{n_done / elapsed_s:,.0f}/s")
    if share and elapsed_s > 0:
        parts.append(f"{_duration(elapsed_s * (1 - share) / share)} left")
    return " · ".join(parts)


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def stop_signal() -> Iterator[ShouldStop]:
    """Within the block SIGTERM makes the yielded function return True instead of ending the process.

    Has no effect outside the main thread, where signals cannot be handled.
    """
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped.is_set
        return
    previous_handler = signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    try:
        yield stopped.is_set
    finally:
        signal.signal(signal.SIGTERM, previous_handler)
