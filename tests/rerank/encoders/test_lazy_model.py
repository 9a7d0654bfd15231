from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from rerank.encoders import lazy_model
from rerank.encoders.lazy_model import LazyModel
from rerank.errors import LoadFailed, StillLoading
from tests.house.source import ROOT


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_concurrent_callers_load_the_model_once() -> None:
    loads = []
    gate = threading.Barrier(8)

    def ask(model: LazyModel[object]) -> None:
        gate.wait()
        model.get()

    def load() -> object:
        loads.append(1)
        return object()

    model = LazyModel(load)
    threads = [threading.Thread(target=ask, args=(model,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1


def test_a_page_does_not_wait_for_it() -> None:
    gate = threading.Event()
    model = LazyModel(lambda: gate.wait(10) and "weights")
    with pytest.raises(StillLoading):
        model.get_within(0)
    gate.set()
    assert model.get_within(10) == "weights"
    assert model.get_within(0) == "weights"


def test_an_idle_model_is_unloaded_and_loaded_on_demand() -> None:
    clock, loads = Clock(), []

    def load() -> str:
        loads.append(1)
        return "weights"

    model = LazyModel(load, idle_s=60, now=clock)
    model.get()
    clock.now = 59
    assert not model.unload_if_idle()
    model.get()
    clock.now = 100
    assert not model.unload_if_idle()
    clock.now = 119
    assert model.unload_if_idle()
    assert not model.loaded
    assert model.get() == "weights"
    assert len(loads) == 2


def test_the_timer_unloads_by_itself() -> None:
    model = LazyModel(lambda: "weights", idle_s=0.02)
    model.get()
    is_unloaded = threading.Event()
    for _ in range(500):
        if not model.loaded:
            break
        is_unloaded.wait(0.01)
    assert not model.loaded


def test_without_an_idle_limit_the_model_stays_loaded() -> None:
    clock = Clock()
    model = LazyModel(lambda: "weights", now=clock)
    model.get()
    clock.now = 1e9
    assert not model.unload_if_idle()
    assert model.loaded


def test_a_failure_is_raised_to_the_caller_and_retried(caplog: pytest.LogCaptureFixture) -> None:
    answers: Iterator[Exception | str] = iter([LookupError("no folder"), LookupError("no folder"), "weights"])

    def load() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    model = LazyModel(load)
    with pytest.raises(LoadFailed, match="no folder"):
        model.get_within(10)
    assert "Loading in the background failed" in caplog.text
    with pytest.raises(LookupError):
        model.get()
    assert model.get() == "weights"


def test_a_failed_background_load_is_retried_after_a_delay() -> None:
    clock, tried = Clock(), []

    def load() -> str:
        tried.append(1)
        if len(tried) == 1:
            raise OSError
        return "weights"

    model = LazyModel(load, now=clock)
    for clock.now in (0, lazy_model.RETRY_S - 1):
        with pytest.raises(LoadFailed, match="OSError"):
            model.get_within(10)
    assert len(tried) == 1
    clock.now = lazy_model.RETRY_S
    assert model.get_within(10) == "weights"


def test_a_process_ends_only_after_loading_has_finished() -> None:
    program = (
        "import time; from rerank.errors import StillLoading; from rerank.encoders.lazy_model import LazyModel\n"
        "try:\n    LazyModel(lambda: (time.sleep(0.5), print('loaded'))).get_within(0)\nexcept StillLoading: pass\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "loaded\n"


SLOW_LOADER = """
import concurrent.futures, time
from rerank.encoders.lazy_model import LazyModel
from rerank.errors import StillLoading

def load():
    time.sleep(0.5)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return pool.submit(str).result()

try:
    LazyModel(load).get_within(0.1)
except StillLoading:
    print("left early")
"""


def test_a_process_that_ends_while_a_model_loads_prints_no_traceback() -> None:
    run = subprocess.run([sys.executable, "-c", SLOW_LOADER], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "left early\n", "")
