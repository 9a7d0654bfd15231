"""The gateway behind a real server: slow, large and broken requests occupy no thread, and good ones pass unchanged."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from coolpapers.base.admission import Visit
from coolpapers.base.gateway import Gateway, Limits
from tests.house.source import ROOT
from tests.own_library import free_port


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    number = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--http", "1", "--no-ws", "--log-level", "error"]
    process = subprocess.Popen(
        [*command, "--port", str(number), "tests.coolpapers.base.gateway_app:gateway"], cwd=ROOT, stderr=subprocess.PIPE
    )
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{number}/", timeout=5)
                break
            except httpx.TransportError:
                assert process.poll() is None
                time.sleep(0.1)
        yield number
    finally:
        process.terminate()
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


@pytest.fixture
def client(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as opened:
        yield opened


def send(port: int, text: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(text)
    return connection


def test_the_environment_is_that_of_wsgi(client: httpx.Client, port: int) -> None:
    headers = {"X-One": "1", "Cookie": "a=1", "X_Forwarded_For": "6.6.6.6", "Content-Type": "text/plain"}
    environ = client.post("/a%20b/ü?q=%C3%BC+x", content=b"\x00\xff", headers=headers).json()
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/a b/ü"
    assert environ["QUERY_STRING"] == "q=%C3%BC+x"
    assert (environ["REQUEST_METHOD"], environ["body"], environ["CONTENT_LENGTH"]) == ("POST", "\x00\xff", "2")
    assert (environ["CONTENT_TYPE"], environ["HTTP_X_ONE"], environ["HTTP_COOKIE"]) == ("text/plain", "1", "a=1")
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", str(port))
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("127.0.0.1", "http")
    assert "6.6.6.6" not in environ.values()


def test_headers_that_are_there_twice_are_joined(client: httpx.Client) -> None:
    environ = client.get("/", headers=[("X-A", "1"), ("X-A", "2"), ("Cookie", "a=1"), ("Cookie", "b=2")]).json()
    assert (environ["HTTP_X_A"], environ["HTTP_COOKIE"]) == ("1,2", "a=1; b=2")
    assert client.get("/").headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_a_large_body_and_one_in_chunks_arrive_whole(client: httpx.Client) -> None:
    content = bytes(range(256)) * 700
    assert client.post("/", content=content).json()["body"].encode("latin-1") == content
    environ = client.post("/", content=iter([b"a" * 70_000, b"b"])).json()
    assert (environ["CONTENT_LENGTH"], environ["body"][-2:]) == ("70001", "ab")


@pytest.mark.parametrize(
    "content", [b"x" * 200_001, iter([b"x" * 150_000, b"x" * 60_000])], ids=["announced", "chunks"]
)
def test_a_body_above_the_limit_is_refused(client: httpx.Client, content: bytes) -> None:
    assert client.post("/", content=content).status_code == 413


def test_head_and_not_modified_have_no_body(client: httpx.Client) -> None:
    assert int(client.head("/").headers["content-length"]) > 100
    answer = client.get("/nothing")
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')


def test_a_failure_is_answered(client: httpx.Client) -> None:
    assert client.get("/fail").status_code == 500
    assert client.get("/").status_code == 200


def test_half_sent_requests_occupy_no_thread(client: httpx.Client, port: int) -> None:
    heads = [send(port, b"GET / HTTP/1.1\r\nHost: x\r\nX-") for _ in range(50)]
    bodies = [send(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{") for _ in range(50)]
    assert client.get("/").status_code == 200
    assert bodies[0].recv(100).startswith(b"HTTP/1.1 408 ")
    for connection in (*heads, *bodies):
        connection.close()


def test_a_client_that_reads_nothing_is_cut_off(client: httpx.Client, port: int) -> None:
    stalled = [
        send(port, b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(2)
    ]  # as many as there are threads
    for _ in range(100):
        if client.get("/closed").text == "True":  # waits until a thread is free again
            break
        time.sleep(0.1)
    else:
        pytest.fail("the threads were never given back")
    for connection in stalled:
        connection.close()


def test_a_stream_ends_when_its_reader_leaves(client: httpx.Client, port: int) -> None:
    reader = send(port, b"GET /ticks HTTP/1.1\r\nHost: x\r\n\r\n")
    received = b""
    while b"tick" not in received:  # the header may come alone
        part = reader.recv(1_000)
        assert part
        received += part
    reader.close()
    for _ in range(100):
        if client.get("/closed").text == "True":
            return
        time.sleep(0.1)
    pytest.fail("the stream goes on without a reader")


def test_an_answer_that_fails_in_the_middle_does_not_look_whole(client: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/breaks")
    assert client.get("/").status_code == 200


def test_a_stream_arrives_as_it_is_made(client: httpx.Client) -> None:
    arrivals: list[tuple[str, float]] = []
    with client.stream("GET", "/events") as answer:
        arrivals.extend((line, time.monotonic()) for line in answer.iter_lines())
    assert [line for line, _ in arrivals] == ["0", "1", "2"]
    assert arrivals[2][1] - arrivals[0][1] > 0.3  # not all at the end


def test_requests_beyond_those_that_may_wait_are_refused_at_once(client: httpx.Client, port: int) -> None:
    for path in (b"/ticks", b"/endless", b"/ticks", b"/endless", b"/ticks"):  # readers that leave keep no place
        with send(port, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n") as reader:
            reader.recv(1_000)
    time.sleep(1)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: client.get("/slow"), range(12)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) >= 5  # 2 threads and 3 that may wait
    assert statuses.count(200) + statuses.count(503) == 12
    assert all(answer.headers["retry-after"] == "5" for answer in answers if answer.status_code == 503)
    assert 503 in statuses
    assert client.get("/").status_code == 200


def ask(gateway: Gateway, path: str, leaves: asyncio.Event) -> asyncio.Task[list[dict[str, Any]]]:
    """A request to a gateway in this process, whose client is there until ``leaves``; the messages that it gets."""
    scope = {
        **{"type": "http", "method": "GET", "scheme": "http", "path": path, "query_string": b""},
        **{"http_version": "1.1", "headers": []},
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await leaves.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def serve() -> list[dict[str, Any]]:
        await gateway(scope, receive, send)
        return sent

    return asyncio.create_task(serve())


def test_a_request_whose_client_leaves_while_it_waits_is_never_run() -> None:
    busy, ran = threading.Event(), list[str]()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        ran.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/busy":
            busy.wait(30)
        start_response("200 OK", [])
        return [b"done"]

    async def scene() -> None:
        gateway, stays, leaves = Gateway(application, Limits(n_threads=1)), asyncio.Event(), asyncio.Event()
        first = ask(gateway, "/busy", stays)
        while not ran:
            await asyncio.sleep(0.01)
        second, third = ask(gateway, "/gone", leaves), ask(gateway, "/there", stays)
        await asyncio.sleep(0.05)
        leaves.set()
        assert await asyncio.wait_for(second, 30) == []  # while the thread is busy
        busy.set()
        answers = [await asyncio.wait_for(task, 30) for task in (first, third)]
        assert [answer[0]["status"] for answer in answers] == [200, 200]

    asyncio.run(scene())
    assert ran == ["/busy", "/there"]


def test_a_request_past_its_deadline_is_told_when_to_come_back() -> None:
    busy = threading.Event()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        busy.wait(30)
        start_response("200 OK", [])
        return [b"done"]

    async def scene() -> None:
        describe = lambda environ: Visit(environ["PATH_INFO"], wait_s=0.05)  # noqa: E731
        gateway, stays = Gateway(application, Limits(n_threads=1), describe=describe), asyncio.Event()
        first, second = ask(gateway, "/first", stays), ask(gateway, "/second", stays)
        refused = (await asyncio.wait_for(second, 30))[0]
        busy.set()
        assert (await asyncio.wait_for(first, 30))[0]["status"] == 200
        assert refused["status"] == 503
        assert (b"retry-after", b"5") in refused["headers"]

    asyncio.run(scene())
