from __future__ import annotations

import contextlib
import functools
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pytest_django import Settings

from coolpapers import celery
from coolpapers.base import background
from coolpapers.base.background import BackgroundThreads
from coolpapers.base.outages import degraded
from tests.celery_broker import broker_of
from tests.coolpapers.reading.summarizers.test_chat import chunk, streaming
from tests.local_servers import Exchange, serve
from tests.own_library import Library, free_port, make_library


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> BackgroundThreads:
    made = BackgroundThreads()
    monkeypatch.setattr(celery, "threads", made)
    monkeypatch.setattr(background, "close_old_connections", lambda: None)
    return made


def test_tasks_of_every_app_are_known() -> None:
    celery.app.loader.import_default_modules()
    assert "coolpapers.reading.tasks.work_on_summaries" in celery.app.tasks


def test_every_scheduled_task_exists(settings: Settings) -> None:
    celery.app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(celery.app.tasks)


def test_a_run_that_no_worker_takes_expires_before_the_next_one(settings: Settings) -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["options"]["expires"] == entry["schedule"]


def test_periodic_tasks_run_in_one_of_several_web_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[bool] = []
    task = type("Task", (), {"name": "a", "apply": lambda _self, throw: runs.append(throw)})()
    monkeypatch.setattr(background.periodic_lock, "take", lambda: False)
    celery._run_in_one_process(task)
    assert runs == []
    monkeypatch.setattr(background.periodic_lock, "take", lambda: True)
    celery._run_in_one_process(task)
    assert runs == [True]


def test_the_web_server_runs_periodic_tasks_on_their_queues(
    threads: BackgroundThreads, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    repeated: list[tuple[str, float]] = []

    class Recording:
        def __init__(self, name: str) -> None:
            self.name = name

        def repeat(self, run: object, *, every_s: float) -> None:
            repeated.append((self.name, every_s))

    monkeypatch.setattr(threads, "of_queue", Recording)
    celery.start_background_threads()
    assert ("summaries", 30.0) in repeated
    n_repeated = len(repeated)
    celery.start_background_threads()
    assert len(repeated) == n_repeated


def test_with_a_broker_the_web_server_runs_what_each_machine_does_for_itself(
    threads: BackgroundThreads, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    repeated: list[tuple[str, object]] = []

    class Recording:
        def __init__(self, name: str) -> None:
            self.name = name

        def repeat(self, run: functools.partial[None], *, every_s: float) -> None:
            if self.name == celery.FOLLOWING:
                repeated.append((self.name, run.args[0].name))

    monkeypatch.setattr(threads, "of_queue", Recording)
    settings.CELERY_BROKER_URL = "redis://localhost"
    celery.start_background_threads()
    assert sorted(repeated) == sorted((celery.FOLLOWING, name) for name in settings.TASKS_OF_EACH_MACHINE)


@pytest.mark.timeout(60)
def test_without_an_answer_of_the_broker_the_caller_goes_on(settings: Settings) -> None:
    with broker_of(celery.app, settings, f"redis://127.0.0.1:{free_port()}/0"):
        assert celery.app.tasks["coolpapers.people.tasks.follow_papers"].delay() is None
        assert degraded.counts()["broker"] >= 1


# ---- whole processes ---------------------------------------------------------------------------------

ANSWER = streaming(chunk("A whole answer.", finish="stop"))
FINISHED = "### Why?\n\nA whole answer.\n\n### How?\n\nA whole answer.\n"


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Poll until it is so; the process that should bring it about must live on meanwhile."""
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.1)


@contextlib.contextmanager
def running(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def web_server(library: Library) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """The web server as ``make run`` starts it, but for the static files, which nobody has collected here."""
    port = free_port()
    library.environment["COOLPAPERS_DEBUG"] = "yes"
    with (
        running(library.manage("serve", "--bind", f"127.0.0.1:{port}")) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):

        def answers() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return client.get("/healthz").status_code == 200
            return False

        wait_until(answers, process)
        yield client, process


def ask_for_summary(client: httpx.Client) -> httpx.Response:
    page = client.get("/summary/2601.00001")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token is not None
    return client.post("/summary/2601.00001?language=en", data={"csrfmiddlewaretoken": token[1]})


@pytest.mark.slow
def test_the_web_server_writes_summaries_in_a_thread_and_streams_them(tmp_path: Path) -> None:
    go_on = threading.Event()

    def slowly(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(chunk("The answer is "))
        time.sleep(0.5)  # longer than progress is kept back
        exchange.send(chunk("**so**"))
        go_on.wait(60)
        exchange.send(chunk(" and so.", finish="stop"))

    with serve(slowly, ANSWER) as model, web_server(make_library(tmp_path, llm_url=model.url)) as (client, _):
        assert ask_for_summary(client).status_code == 302
        with client.stream("GET", "/summary/2601.00001/events") as response:
            told = ""
            for piece in response.iter_text():
                told += piece
                if "so</strong>" in told:
                    go_on.set()
        assert "question 1 of 2" in told
        assert told.endswith("event: done\ndata: {}\n\n")
        assert "A whole answer." in client.get("/summary/2601.00001").text


@pytest.mark.slow
def test_a_killed_web_server_goes_on_with_the_summary_when_it_starts_again(tmp_path: Path) -> None:
    started = threading.Event()

    def stall(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(chunk("Half an ans"))
        started.set()
        exchange.stall(120)

    with serve(stall, ANSWER) as model:
        library = make_library(tmp_path, llm_url=model.url)
        with web_server(library) as (client, process):
            ask_for_summary(client)
            wait_until(started.is_set, process)
            # The server's main process is told nothing either: the whole tree dies at once.
            subprocess.run(["pkill", "-KILL", "-P", str(process.pid)], check=False)
            process.kill()
        assert library.row()["status"] == "running"
        library.execute("UPDATE reading_summary SET heartbeat = '2020-01-01 00:00:00'")  # a minute later
        with web_server(library) as (_, process):
            wait_until(lambda: library.row()["markdown"] == FINISHED, process)


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("redis-server is not installed")
    port = free_port()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with running(subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)):
        yield f"redis://127.0.0.1:{port}/0"


def start_celery(library: Library, *options: str) -> subprocess.Popen[str]:
    command = ["-m", "celery", "-A", "coolpapers", "worker", "-Q", "celery,summaries", "-P", "solo"]
    return library.start(sys.executable, *command, *(options or ("--loglevel", "WARNING")))


@pytest.mark.slow
@pytest.mark.servers
def test_with_redis_expired_runs_are_dropped_when_a_worker_comes(tmp_path: Path, redis_url: str) -> None:
    library = make_library(tmp_path, llm_url="http://127.0.0.1:9", COOLPAPERS_BROKER_URL=redis_url)
    send = "app.send_task('coolpapers.people.tasks.follow_papers', expires={})"
    script = f"from coolpapers.celery import app; [{send.format(0.5)} for _ in range(30)]; {send.format(600)}"
    sending = library.start(sys.executable, "-c", script)
    assert sending.communicate(timeout=60)[1] == ""
    time.sleep(1.0)
    log = tmp_path / "worker.log"
    with running(start_celery(library, "--loglevel", "INFO", "--logfile", str(log))) as worker:
        wait_until(lambda: log.is_file() and "succeeded" in log.read_text(encoding="utf-8"), worker)
    text = log.read_text(encoding="utf-8")
    assert (text.count("succeeded"), text.count("Discarding revoked task")) == (1, 30)


@pytest.mark.slow
@pytest.mark.servers
def test_with_redis_a_celery_worker_writes_them_and_a_killed_one_is_replaced(tmp_path: Path, redis_url: str) -> None:
    started = threading.Event()

    def stall(exchange: Exchange) -> None:
        exchange.begin()
        started.set()
        exchange.stall(120)

    with serve(stall, ANSWER) as model:
        library = make_library(tmp_path, llm_url=model.url, COOLPAPERS_BROKER_URL=redis_url)
        with web_server(library) as (client, web):
            ask_for_summary(client)
            assert library.row()["status"] == "queued"  # the web process leaves it to the workers
            with running(start_celery(library)) as first:
                wait_until(started.is_set, first)
                first.send_signal(signal.SIGKILL)
                first.communicate()
            library.execute("UPDATE reading_summary SET heartbeat = '2020-01-01 00:00:00'")
            # Beat's next call, or any other reader's request, makes a living worker look at the queue.
            calling = library.start(
                sys.executable, "-m", "celery", "-A", "coolpapers", "call", "coolpapers.reading.tasks.work_on_summaries"
            )
            calling.communicate(timeout=60)
            with running(start_celery(library)) as second:
                wait_until(lambda: library.row()["markdown"] == FINISHED, second)
            assert web.poll() is None
