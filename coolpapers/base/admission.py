"""Which request gets the next thread, when more arrive than threads can answer.

A reader who asks for a page now and then must not wait behind clients that ask for expensive ones all the time. So a
free thread goes to the waiting request whose client has used the least time lately, and requests that are known to be
expensive have a share of the threads and a short queue. What does not fit is refused at once. Start at
:class:`Admission`.

Only the event loop calls it, so it needs no locks.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

HALF_LIFE_S = 20.0  # after which used time counts half
EXPENSIVE_SHARE = 4  # one of so many threads answers expensive requests, and at least one
EXPENSIVE_WAITING = 4  # for each thread that answers them
MAX_CLIENTS = 4_096  # whose used time is remembered
WAIT_S = 20.0  # in which a request gets a thread, or is refused: readers do not wait longer for a page


class TooMany(Exception):
    """The request is refused; the client may try again in some seconds."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request on its way: ``client`` is an address, ``is_expensive`` what is known before it runs.

    ``wait_s`` is its deadline: after so many seconds without a thread nobody needs the answer.
    """

    client: str
    is_expensive: bool = False
    wait_s: float = WAIT_S


@dataclass(slots=True, eq=False)
class _Waiting:
    visit: Visit
    number: int
    turn: asyncio.Future[None]


class Admission:
    """Slots of one process: as many requests run as there are threads, and ``n_waiting`` may wait."""

    def __init__(self, n_threads: int, n_waiting: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._n_free, self._n_waiting = n_threads, n_waiting
        self._n_expensive_free = max(1, n_threads // EXPENSIVE_SHARE)
        self._most_expensive_waiting = EXPENSIVE_WAITING * self._n_expensive_free
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._used: dict[str, tuple[float, float]] = {}  # seconds, and when that was

    async def enter(self, visit: Visit) -> None:
        """Wait for a thread; the caller calls :meth:`leave` when it is free again.

        Raises TooMany at once where too many wait, and after ``visit.wait_s``.
        """
        waiting = _Waiting(visit, next(self._numbers), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._give_turns()
        self._refuse_superfluous()
        try:
            async with asyncio.timeout(visit.wait_s):
                await waiting.turn
        except TimeoutError:
            self._give_up(waiting)
            raise TooMany from None
        except asyncio.CancelledError:
            self._give_up(waiting)
            raise

    def _give_up(self, waiting: _Waiting) -> None:
        """Give back the place in the queue, or the thread that became free at the same moment."""
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        elif waiting.turn.done() and not waiting.turn.cancelled() and waiting.turn.exception() is None:
            self.leave(waiting.visit, used_s=0.0)

    def leave(self, visit: Visit, *, used_s: float) -> None:
        """The thread is free again; the request has used so many seconds of it."""
        self._n_free += 1
        self._n_expensive_free += visit.is_expensive
        now = self._clock()
        self._used[visit.client] = (self._used_by(visit.client, now) + used_s, now)
        if len(self._used) > MAX_CLIENTS:
            self._forget(now)
        self._give_turns()

    def _give_turns(self) -> None:
        rank = self._rank_now()
        while self._n_free and (ready := [waiting for waiting in self._waiting if self._may_run(waiting)]):
            self._start(min(ready, key=rank))

    def _start(self, waiting: _Waiting) -> None:
        self._waiting.remove(waiting)
        if waiting.turn.cancelled():
            return
        self._n_free -= 1
        self._n_expensive_free -= waiting.visit.is_expensive
        waiting.turn.set_result(None)

    def _may_run(self, waiting: _Waiting) -> bool:
        return not waiting.visit.is_expensive or self._n_expensive_free > 0

    def _refuse_superfluous(self) -> None:
        """Refuse the last in rank where too many wait: not always the newest one."""
        expensive = [waiting for waiting in self._waiting if waiting.visit.is_expensive]
        if len(expensive) > self._most_expensive_waiting:
            self._refuse(max(expensive, key=self._rank_now()))
        elif len(self._waiting) > self._n_waiting:
            self._refuse(max(self._waiting, key=self._rank_now()))

    def _refuse(self, waiting: _Waiting) -> None:
        self._waiting.remove(waiting)
        if not waiting.turn.done():
            waiting.turn.set_exception(TooMany())

    def _rank_now(self) -> Callable[[_Waiting], tuple[float, int]]:
        """The used time of a client, then the order of arrival.

        All at one moment: used time fades, and the newest request of a client would seem to have used the least.
        """
        now = self._clock()
        return lambda waiting: (self._used_by(waiting.visit.client, now), waiting.number)

    def _used_by(self, client: str, now: float) -> float:
        used_s, then = self._used.get(client, (0.0, now))
        return float(used_s * 0.5 ** ((now - then) / HALF_LIFE_S))

    def _forget(self, now: float) -> None:
        """Keep the half of the clients that have used the most."""
        by_use = sorted(self._used, key=lambda client: self._used_by(client, now), reverse=True)
        self._used = {client: self._used[client] for client in by_use[: MAX_CLIENTS // 2]}
