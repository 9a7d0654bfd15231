"""The server's main process stops when it is asked to, whatever it is doing."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from coolpapers.operating.main_process import Wakeup, blocked_signals, load
from tests.coolpapers.test_asgi import serving, workers
from tests.own_library import Library, make_database


@pytest.fixture
def library(tmp_path: Path) -> Library:
    make_database(tmp_path)
    return Library(tmp_path, COOLPAPERS_DEBUG="yes", COOLPAPERS_SEARCH_MODE="bm25")


@pytest.mark.slow
@pytest.mark.parametrize("delay_s", [0.0, 1.0, 6.0])
def test_it_stops_in_the_middle_of_a_reload(library: Library, delay_s: float) -> None:
    """Each process is replaced a minute after its successor has been started."""
    with serving(library, "--workers", "2") as (_, process):
        first = workers(process)
        process.send_signal(signal.SIGHUP)
        time.sleep(delay_s)
        started = first | workers(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(50) == 0
        assert [worker for worker in started if Path(f"/proc/{worker}").exists()] == []


def test_a_handler_that_interrupts_set_does_not_wait_for_it() -> None:
    """A `threading.Event` never returns here."""
    wakeup = Wakeup()
    n_signals = 0

    def handle(*_: object) -> None:
        nonlocal n_signals
        n_signals += 1
        if n_signals < 200:
            os.kill(os.getpid(), signal.SIGUSR1)
        wakeup.set()

    former = signal.signal(signal.SIGUSR1, handle)
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert wakeup.wait(10)
    finally:
        signal.signal(signal.SIGUSR1, former)
    assert n_signals == 200
    wakeup.clear()
    assert not wakeup.wait(0.01)
    wakeup.set()
    assert wakeup.wait()


def test_a_process_that_starts_ends_when_it_is_asked_to() -> None:
    """The signal that comes before the new process has its own handlers is kept for it."""
    reader, writer = os.pipe()
    with blocked_signals():
        child = os.fork()
        if child == 0:
            os.read(reader, 1)  # the signal has been sent
            load(lambda: time.sleep(60))
            os._exit(3)
    os.kill(child, signal.SIGTERM)
    os.write(writer, b"\0")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
