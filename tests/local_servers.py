"""Small HTTP servers on this machine that behave as a test tells them to, also badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Exchange"], None]


@dataclass
class Asked:
    """A request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Exchange(BaseHTTPRequestHandler):
    """What a behaviour writes to."""

    protocol_version = "HTTP/1.1"
    asked: Asked
    released: threading.Event

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def begin(self, content_type: str = "text/event-stream", **headers: str) -> None:
        """Start a body of unknown length; it ends when the behaviour returns."""
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def send(self, data: bytes | str) -> None:
        self.wfile.write(data if isinstance(data, bytes) else data.encode())
        self.wfile.flush()

    def stall(self, seconds: float = 30.0) -> None:
        """Say nothing until the test is over."""
        self.released.wait(seconds)

    def log_message(self, *args: object) -> None:
        return


@dataclass
class LocalServer:
    """``script`` holds one behaviour a request; the last one goes on for ever."""

    script: list[Behaviour]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_behaviour(self, asked: Asked) -> Behaviour:
        with self.lock:
            self.asked.append(asked)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def serve(*script: Behaviour) -> Iterator[LocalServer]:
    """A server on a free port of 127.0.0.1 for as long as the block lasts."""
    state = LocalServer(list(script))

    class Handler(Exchange):
        released = state.released

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self.asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
            state.next_behaviour(self.asked)(self)

        do_POST = do_GET

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            return  # a client that hangs up is part of many tests

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
