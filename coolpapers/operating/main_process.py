"""``python -m coolpapers.operating.main_process``: granian, whose processes stop when they are asked to.

Granian's own main process looks at SIGTERM only after all processes have been replaced, which takes a minute for each,
and a process that is asked to stop while it starts goes on.
"""

from __future__ import annotations

import contextlib
import functools
import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from granian import cli
from granian.server import Server, mp

SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
LOOK_S = 0.05  # between two looks at a process that ends


class Wakeup:
    """An event that signal handlers may set.

    `threading.Event` holds a lock while it is being set. A handler that interrupts this waits for it forever.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        with contextlib.suppress(BlockingIOError):  # the pipe is full, so whoever waits has been woken
            os.write(self._writer, b"\0")

    def clear(self) -> None:
        self._is_set = False
        with contextlib.suppress(BlockingIOError):
            os.read(self._reader, 1 << 16)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is set, at most `timeout_s` seconds; return whether it is set."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not self._is_set:
            rest = None if deadline is None else deadline - time.monotonic()
            if rest is not None and rest <= 0:
                break
            select.select([self._reader], [], [], rest)
        return self._is_set


class Worker(mp.WorkerProcess):
    """A process that serves. The handlers of the main process never run in it."""

    def start(self) -> None:
        with blocked_signals():  # until `load` has set the handlers of the new process
            super().start()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def blocked_signals() -> Iterator[None]:
    """Within the block, signals wait. A process that is started there inherits this."""
    former = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def load(loader: Callable[[], Any]) -> Any:
    """Load the application in a new process, which ends at once if it has been asked to stop."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    return loader()


class PromptServer(Server):  # type: ignore[misc,valid-type] # an alias that depends on the build of Python
    """A server that stops at once, also while it replaces its processes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.main_loop_interrupt = Wakeup()
        self._stop = Wakeup()

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        self._stop.set()
        super().signal_handler_interrupt(*args, **kwargs)

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Callable[[], Any]) -> Worker:
        return super()._spawn_worker(idx=idx, target=target, callback_loader=functools.partial(load, callback_loader))  # type: ignore[no-any-return]

    def _respawn_workers(self, workers: Iterable[int], spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        """Start a successor of each process, and end the former one after `delay` seconds."""
        for index in workers:
            if self._stop.is_set():
                break
            former = self.wrks[index]
            self.respawned_wrks[index] = time.monotonic()
            self.wrks[index] = self._spawn_worker(idx=index, target=spawn_target, callback_loader=target_loader)
            self.wrks[index].start()
            if self._stop.wait(delay) or not self._ended(former):
                self.wrks.append(former)  # it stops together with the others
        if self._stop.is_set():  # granian may have cleared the event after the signal had set it
            self.main_loop_interrupt.set()

    def _ended(self, former: Any) -> bool:
        """End a process, by force after its time is over; return False if the server is asked to stop meanwhile."""
        former.terminate()
        deadline = time.monotonic() + self.workers_kill_timeout
        while former.is_alive():
            if self._stop.wait(LOOK_S):
                return False
            if time.monotonic() > deadline:
                former.kill()
                former.join()
        return True


def main() -> None:
    cli.Server = PromptServer  # type: ignore[attr-defined] # the command line makes one of this class
    mp.WorkerProcess = Worker  # type: ignore[misc] # and its processes are of this one
    cli.entrypoint()  # type: ignore[no-untyped-call]


if __name__ == "__main__":  # processes that serve import this file, too
    main()
