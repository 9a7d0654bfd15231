"""Requests in progress at the live server."""

from __future__ import annotations

import threading
from typing import Any

from django.core.signals import request_finished, request_started


class RequestsUnderway:
    """Counts requests between their start and end signals, from :meth:`watch` on."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def watch(self) -> None:
        request_started.connect(self.start)
        request_finished.connect(self.finish)

    def forget(self) -> None:
        request_started.disconnect(self.start)
        request_finished.disconnect(self.finish)

    def wait(self, *, at_most_s: float) -> bool:
        """Wait until no request is in progress; False after the timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count <= 0, timeout=at_most_s)

    def start(self, **_signal: Any) -> None:
        with self._changed:
            self._count += 1

    def finish(self, **_signal: Any) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()
