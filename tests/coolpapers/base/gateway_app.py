"""A small WSGI application behind a Gateway, served by granian in tests/coolpapers/base/test_gateway.py."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from coolpapers.base.gateway import Gateway, Limits

closed = threading.Event()


class Streaming:
    """A streamed answer, as Django's: it has ``streaming`` and ``close``."""

    streaming = True

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        closed.set()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/fail":
        raise RuntimeError("a failure of the test")
    if path == "/slow":
        time.sleep(1.0)
    headers = [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    if path == "/nothing":
        start_response("304 Not Modified", [("ETag", '"1"')])
        return [b""]
    if path == "/endless":
        start_response("200 OK", headers)
        return Streaming(b"x" * 65_536 for _ in iter(int, 1))
    if path == "/events":
        start_response("200 OK", headers)
        return Streaming(_events())
    if path == "/ticks":
        closed.clear()
        start_response("200 OK", headers)
        return Streaming(_ticks())
    if path == "/breaks":
        start_response("200 OK", headers)
        return Streaming(_breaking())
    if path == "/closed":
        headers, content = [("Content-Type", "text/plain")], str(closed.is_set())
        start_response("200 OK", headers)
        return [content.encode()]
    body = environ["wsgi.input"].read()
    shown = {name: value for name, value in environ.items() if isinstance(value, str)}
    content = json.dumps({**shown, "body": body.decode("latin-1")})
    start_response("200 OK", [*headers, ("Content-Length", str(len(content)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [content.encode()]


def _ticks() -> Iterator[bytes]:
    while True:
        yield b"tick\n"
        time.sleep(0.05)


def _breaking() -> Iterator[bytes]:
    yield b"the beginning"
    raise RuntimeError("a failure of the test")


def _events() -> Iterator[bytes]:
    for number in range(3):
        yield f"{number}\n".encode()
        time.sleep(0.3)


gateway = Gateway(
    application,
    Limits(n_threads=2, n_waiting=3, body_bytes=200_000, body_s=2.0, idle_s=1.0, stream_bytes=100_000, stall_s=2.0),
)
