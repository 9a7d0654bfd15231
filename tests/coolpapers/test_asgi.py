"""``manage.py serve`` as administrators start it: reload, stop, long addresses."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.own_library import Library, free_port, make_database


@contextmanager
def serving(library: Library, *options: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    port = free_port()
    process = library.manage("serve", "--bind", f"127.0.0.1:{port}", *options)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            wait_for_answer(client, process)
            yield client, process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def wait_for_answer(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        try:
            assert client.get("/healthz").text == "ok\n"
            return
        except httpx.TransportError:
            assert process.poll() is None, process.communicate()
            time.sleep(0.1)
    raise AssertionError("it never answered")


def workers(process: subprocess.Popen[str]) -> set[int]:
    """Processes that serve: children of the first one whose command line is that of the server."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    return {int(pid) for pid in children if b"main_process" in Path(f"/proc/{pid}/cmdline").read_bytes()}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    make_database(tmp_path)
    return Library(tmp_path, COOLPAPERS_DEBUG="yes", COOLPAPERS_SEARCH_MODE="bm25")


@pytest.mark.slow
def test_it_serves_stops_on_sigterm_and_keeps_its_number(library: Library) -> None:
    library.done("update_index")
    with serving(library) as (client, process):
        assert client.get("/search", params={"q": "a " * 3_500}).status_code == 200  # an address of 7 kB
        assert client.post("/healthz", content=b"x" * (33 << 20)).status_code == 413
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        with pytest.raises(httpx.TransportError):
            client.get("/healthz")


def ask_anew(client: httpx.Client) -> httpx.Response:
    """A request by a new connection, as browsers send it.

    A connection that a process has accepted before it ends, and has not read from, is closed without an answer; like
    browsers and nginx, the reader sends such a request again.
    """
    for _ in range(2):
        with suppress(httpx.RemoteProtocolError), httpx.Client(base_url=client.base_url, timeout=60) as reader:
            return reader.get("/healthz")
    raise AssertionError("two connections were closed without an answer")


@pytest.mark.slow
def test_a_reload_starts_new_processes_without_a_failed_request(library: Library) -> None:
    with serving(library) as (client, process):
        before = workers(process)
        process.send_signal(signal.SIGHUP)
        for _ in range(3_000):
            assert ask_anew(client).status_code == 200
            if workers(process) and not workers(process) & before:
                break
            time.sleep(0.05)
        assert before
        assert not workers(process) & before


@pytest.mark.slow
def test_a_killed_main_process_takes_the_others_with_it(library: Library) -> None:
    with serving(library) as (_, process):
        started = workers(process)
        assert started
        process.kill()
        for _ in range(300):
            if not any(Path(f"/proc/{worker}").exists() for worker in started):
                break
            time.sleep(0.1)
        assert [worker for worker in started if Path(f"/proc/{worker}").exists()] == []


@pytest.mark.slow
def test_a_killed_process_is_replaced(library: Library) -> None:
    with serving(library) as (client, process):
        started = workers(process)
        os.kill(min(started), signal.SIGKILL)
        for _ in range(600):
            try:
                client.get("/healthz")
                if workers(process) - started:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        assert client.get("/healthz").status_code == 200
