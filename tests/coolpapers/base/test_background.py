from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import shared_task
from pytest_django import Settings

from coolpapers.base import background
from coolpapers.base.background import BackgroundThreads, ProcessLock
from tests.house.source import ROOT

done: list[object] = []


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def note(value: object) -> None:
    if value == "bad":
        raise ValueError("a task that fails")
    done.append(value)
    finished.set()


finished = threading.Event()


@pytest.fixture(autouse=True)
def _clean() -> None:
    done.clear()
    finished.clear()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[BackgroundThreads]:
    # The real close_old_connections is refused in tests without a database; nothing here uses one.
    monkeypatch.setattr(background, "close_old_connections", lambda: None)
    threads = BackgroundThreads()
    monkeypatch.setattr(background, "threads", threads)
    threads.start()
    yield threads
    threads.stop()


def test_outside_the_web_server_a_task_runs_at_once() -> None:
    note.delay("now")
    assert done == ["now"]


def test_outside_the_web_server_the_caller_gets_the_error() -> None:
    with pytest.raises(ValueError, match="fails"):
        note.delay("bad")


def test_in_the_web_server_a_thread_runs_the_task(started: BackgroundThreads) -> None:
    note.delay("later")
    assert finished.wait(10)
    assert done == ["later"]


def test_a_failed_task_is_logged_and_the_next_one_runs(
    started: BackgroundThreads, caplog: pytest.LogCaptureFixture
) -> None:
    note.delay("bad")
    note.delay("good")
    assert finished.wait(10)
    assert done == ["good"]
    assert "a task that fails" in caplog.text


def test_queues_do_not_wait_for_each_other(started: BackgroundThreads, settings: Settings) -> None:
    settings.CELERY_TASK_ROUTES = {note.name: {"queue": "other"}}
    release = threading.Event()

    def wait() -> None:
        release.wait(10)

    started.of_queue(background.DEFAULT_QUEUE).put(wait)
    note.delay("past it")
    assert finished.wait(10)
    release.set()


def test_the_earliest_due_comes_first(started: BackgroundThreads) -> None:
    order: list[str] = []
    queue_thread, begun, ended = started.of_queue("test"), threading.Event(), threading.Event()

    def wait() -> None:
        begun.wait(10)

    def end() -> None:
        order.append("delayed")
        ended.set()

    queue_thread.put(wait)
    queue_thread.put(end, delay_s=0.02)
    queue_thread.put(lambda: order.append("second"))
    begun.set()
    assert ended.wait(10)
    assert order == ["second", "delayed"]


def test_a_failure_does_not_stop_a_repeated_job(started: BackgroundThreads) -> None:
    runs: list[int] = []
    third = threading.Event()

    def run() -> None:
        runs.append(len(runs))
        if len(runs) == 3:
            third.set()
        raise ValueError

    started.of_queue("test").repeat(run, every_s=0.001)
    assert third.wait(10)


def test_stopping_discards_waiting_jobs(started: BackgroundThreads) -> None:
    note.apply_async(("never",), countdown=60)
    started.stop()
    assert done == []
    assert not started.running


def test_threads_start_once_per_process() -> None:
    threads = BackgroundThreads()
    assert threads.start()
    assert not threads.start()
    threads._pid = -1  # as after a fork: another process holds the threads
    assert threads.start()


def test_with_a_broker_tasks_go_there(
    started: BackgroundThreads, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_BROKER_URL = "memory://"
    sent: list[str] = []
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, *args, **options: sent.append(self.name))
    note.delay("away")
    assert sent == [note.name]
    assert done == []


def test_of_several_processes_one_holds_a_lock_until_it_ends(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from coolpapers.base.background import ProcessLock;"
        "lock = ProcessLock(lambda: Path(sys.argv[1])); print(lock.take(), flush=True); time.sleep(60)"
    )
    path = tmp_path / "folder" / "lock"
    other = subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT, text=True, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == "True\n"
    lock = ProcessLock(lambda: path)
    assert not lock.take()
    other.kill()
    other.communicate()
    assert lock.take()
    assert lock.take()
    assert not ProcessLock(lambda: path).take()
    lock.release()
    second = ProcessLock(lambda: path)
    assert second.take()
    second.release()


def test_where_nothing_can_be_locked_every_process_runs_the_tasks(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert ProcessLock(lambda: tmp_path / "file" / "lock").take()
