"""Waiting for a database that restarts: readers see a page some seconds later, instead of an error.

Start at :class:`Recovery`. Only requests that change nothing are run again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from django.db import DatabaseError, InterfaceError, connection

WAIT_S = 10.0  # PostgreSQL restarts within one to five seconds
POLL_S = 0.2
FORGOTTEN_S = 30.0  # without a failed request, after which the next failure is a new outage


class Recovery:
    """One outage of the database, as all threads of this process see it.

    Nobody waits longer than :data:`WAIT_S` after its beginning, so that a database that stays away occupies no threads.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._began = self._last = float("-inf")

    def wait(self, answers: Callable[[], bool]) -> bool:
        """Wait until the database answers; False if it does not in time."""
        deadline = self._note_failure() + WAIT_S
        while self._clock() < deadline:
            if answers():
                with self._lock:
                    self._last = float("-inf")
                return True
            self._sleep(POLL_S)
        return False

    def _note_failure(self) -> float:
        """When the present outage began."""
        now = self._clock()
        with self._lock:
            if now - self._last > FORGOTTEN_S:
                self._began = now
            self._last = now
            return self._began


def database_answers() -> bool:
    """Whether a new connection of this thread can be opened."""
    with suppress(DatabaseError, InterfaceError):
        connection.close()
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    return True


recovery = Recovery()
