"""The server's main process stops when it is asked to, whatever it is doing."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

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
