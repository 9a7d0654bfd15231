"""A line on a terminal that counts papers while an index is written, or queries while they are measured."""

from __future__ import annotations

import time

from django.core.management.base import OutputWrapper

INTERVAL_S = 0.5


class CountProgress:
    """Called with the number done so far; writes at most twice a second, and only to a terminal."""

    def __init__(self, stream: OutputWrapper, *, is_shown: bool, unit: str = "papers") -> None:
        self.stream = stream
        self.unit = unit
        self.is_shown = is_shown and stream.isatty()
        self._began = self._last = time.monotonic()

    def __call__(self, n_done: int) -> None:
        now = time.monotonic()
        if self.is_shown and now - self._last >= INTERVAL_S:
            self._last = now
            self.stream.write(f"\r{n_done:,} {self.unit}, {n_done / (now - self._began):,.0f}/s ", ending="")
            self.stream.flush()

    def finish(self) -> None:
        if self.is_shown:
            self.stream.write("\r", ending="")
