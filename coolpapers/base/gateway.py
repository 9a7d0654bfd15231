"""Requests of an ASGI server for a WSGI application, read whole before a thread takes them.

A thread is an expensive place to wait. So the header and the body of a request are read, and its answer is sent, by the
event loop, which holds thousands of slow clients; a thread runs the application in between. Bodies are bounded in size
and time, and so are the requests that wait for a thread: the next one is answered 503 at once.

ASGI's own adapters hold a thread while a body arrives. Start at :class:`Gateway`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from coolpapers.base.admission import Admission, TooMany, Visit
from coolpapers.base.observing.metrics import count_refused

logger = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Describe = Callable[[dict[str, Any]], Visit]  # by the WSGI environment

SPOOLED_BYTES = 64 << 10  # of a body in memory; the rest goes to a temporary file
JOINED_BYTES = 1 << 20  # a streamed answer of known size up to this is sent whole
RETRY_AFTER_S = 5
CLIENT_GONE = 499  # as nginx counts a request whose client has left before its answer
MAIN_PROCESS = "COOLPAPERS_MAIN_PROCESS"  # variable that `manage.py serve` sets for its processes
PARENT_CHECK_S = 1.0
LAST_REQUESTS_S = 30  # for running requests of a process whose parent was killed


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process accepts.

    Attributes
    ----------
    n_threads : requests that are answered at once
    n_waiting : requests that may wait for a thread; beyond that the answer is 503
    body_bytes : largest body; beyond that the answer is 413
    body_s, idle_s : seconds for a whole body, and without a byte of it; beyond that the answer is 408
    stream_bytes : of a streamed answer that the client has not taken yet; beyond that its thread waits
    stall_s : seconds in which a client takes nothing of a streamed answer, after which it is cut off
    """

    n_threads: int = 4
    n_waiting: int = 128
    body_bytes: int = 32 << 20
    body_s: float = 120.0
    idle_s: float = 15.0
    stream_bytes: int = 4 << 20
    stall_s: float = 60.0


def main_process() -> int:
    """The number of the server's main process, which starts and ends this one.

    ``manage.py serve`` names it: a process that is still starting when the main one is killed has another parent
    by then.
    """
    return int(os.environ.get(MAIN_PROCESS) or os.getppid())


class Gateway:
    """An ASGI application that runs a WSGI application in threads."""

    def __init__(
        self, application: Application, limits: Limits = Limits(), *, describe: Describe = lambda _environ: Visit("")
    ) -> None:
        self._application = application
        self._limits = limits
        self._describe = describe
        self._threads = ThreadPoolExecutor(limits.n_threads, thread_name_prefix="web")
        self._admission = Admission(limits.n_threads, limits.n_waiting)
        self._n_open = 0  # requests whose answer is not sent yet; only the event loop changes it

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the life of the server."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            event = (await receive())["type"]
            if event == "lifespan.startup":
                self._watching = asyncio.create_task(self._end_after(main_process()))
            else:
                self._threads.shutdown(wait=False, cancel_futures=True)
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return

    async def _end_after(self, parent: int) -> None:
        """End this process when its parent was killed: nobody could stop it any more, and it would keep the port."""
        while os.getppid() == parent:
            await asyncio.sleep(PARENT_CHECK_S)
        logger.error("The server's main process is gone; this one ends.")
        for _ in range(LAST_REQUESTS_S):
            if not self._n_open:
                break
            await asyncio.sleep(1.0)
        os._exit(1)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self._read_body(_headers_of(scope), receive)
        except _Refused as refused:
            await _refuse(send, refused)
            return
        except _ClientGone:
            return
        with body:
            environ = make_environ(scope, body)
            visit = self._describe(environ)
            self._n_open += 1
            leaving = asyncio.create_task(_client_leaves(receive))
            try:
                if await self._enter(visit, leaving):
                    await self._answer(environ, visit, leaving, send)
            except TooMany:
                await _refuse(send, _Refused(503, "Too many requests at once; try again in a few seconds."))
            finally:
                leaving.cancel()
                self._n_open -= 1

    async def _enter(self, visit: Visit, leaving: asyncio.Task[None]) -> bool:
        """Wait for a thread; False if the client leaves first. Raises TooMany."""
        entering = asyncio.create_task(self._admission.enter(visit))
        try:
            await asyncio.wait([entering, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            entering.cancel()  # without effect where it has entered
        if entering.done():
            await entering
            return True
        with contextlib.suppress(asyncio.CancelledError):
            await entering
        count_refused(CLIENT_GONE)
        return False

    async def _read_body(self, headers: dict[str, str], receive: Receive) -> IO[bytes]:
        limits = self._limits
        announced = headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limits.body_bytes:
            raise _Refused(413, f"A request may have {limits.body_bytes >> 20} MB.")
        body: IO[bytes] = tempfile.SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115 # closed with the answer
        try:
            if announced not in ("", "0") or "transfer-encoding" in headers:
                async with asyncio.timeout(limits.body_s):
                    await self._receive(receive, body)
        except TimeoutError:
            body.close()
            raise _Refused(408, "The request did not arrive in time.") from None
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return body

    async def _receive(self, receive: Receive, body: IO[bytes]) -> None:
        while True:
            message = await asyncio.wait_for(receive(), self._limits.idle_s)
            if message["type"] == "http.disconnect":
                raise _ClientGone
            chunk = message.get("body", b"")
            if body.tell() + len(chunk) > self._limits.body_bytes:
                raise _Refused(413, f"A request may have {self._limits.body_bytes >> 20} MB.")
            body.write(chunk)
            if not message.get("more_body", False):
                return

    async def _answer(self, environ: dict[str, Any], visit: Visit, leaving: asyncio.Task[None], send: Send) -> None:
        loop = asyncio.get_running_loop()
        answer = _Answer(loop, self._limits)
        began = time.monotonic()
        running = self._threads.submit(_run, self._application, environ, answer)
        # The thread is free before the answer is sent, which may take long.
        asyncio.wrap_future(running).add_done_callback(
            lambda _: self._admission.leave(visit, used_s=time.monotonic() - began)
        )
        leaving.add_done_callback(lambda _: answer.abandon())
        try:
            await answer.send(send)
        finally:
            answer.abandon()
            await asyncio.wait([asyncio.wrap_future(running)])  # the thread has reported its own errors


async def _client_leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _ClientGone(Exception):
    """The client has closed the connection, or has taken nothing for too long."""


class _CutOff(RuntimeError):
    """Ends an answer in the middle, so that the client does not take its beginning for all of it."""


async def _refuse(send: Send, refused: _Refused) -> None:
    count_refused(refused.status)
    headers = [("content-type", "text/plain; charset=utf-8"), ("connection", "close")]
    if refused.status == 503:
        headers.append(("retry-after", str(RETRY_AFTER_S)))
    await _start(send, refused.status, headers)
    await send({"type": "http.response.body", "body": f"{refused}\n".encode()})


async def _start(send: Send, status: int, headers: Headers) -> None:
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": encoded})


def _headers_of(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def make_environ(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of a request whose body has been read."""
    host, port = scope.get("server") or ("localhost", 80)
    raw_path = scope.get("raw_path")
    path = unquote_to_bytes(raw_path) if raw_path is not None else scope["path"].encode("utf-8")
    client = scope.get("client")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0] if client and client[0] else "127.0.0.1",  # a Unix socket's peer is this machine
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        _add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    n_bytes = body.seek(0, 2)
    body.seek(0)
    if n_bytes or "CONTENT_LENGTH" in environ:
        environ["CONTENT_LENGTH"] = str(n_bytes)  # also of a body in chunks
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    if "_" in name:  # X_Forwarded_For would be read as X-Forwarded-For, which a proxy sets
        return
    key = name.upper().replace("-", "_")
    key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
    separator = "; " if key == "HTTP_COOKIE" else ","
    environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value


def _run(application: Application, environ: dict[str, Any], answer: _Answer) -> None:
    """In a thread: run the application and hand over its answer."""
    try:
        chunks = application(environ, answer.start)
        try:
            if _is_joined(chunks, answer):
                answer.put_whole(b"".join(chunks))
            else:
                for chunk in chunks:
                    answer.put(chunk)
        finally:
            if (close := getattr(chunks, "close", None)) is not None:
                close()
        answer.end()
    except _ClientGone:
        answer.end()  # who sends it waits for its end
    except Exception:  # process edge: the thread must survive any request
        logger.exception("A request failed")
        answer.fail()


def _is_joined(chunks: Iterable[bytes], answer: _Answer) -> bool:
    if not getattr(chunks, "streaming", False):
        return True
    length = next((value for name, value in answer.headers if name.lower() == "content-length"), "")
    return length.isdigit() and int(length) <= JOINED_BYTES


class _Answer:
    """An answer on its way from a thread to the event loop: :meth:`put` in the thread, :meth:`send` in the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
        self._loop = loop
        self._limits = limits
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._room = threading.Condition()
        self._n_buffered = 0
        self._abandoned = False
        self._is_whole = self._has_failed = False
        self.status = 0
        self.headers: Headers = []

    # ---- in the thread

    def start(self, status: str, headers: Headers, _exc_info: Any = None) -> Callable[[bytes], None]:
        """WSGI's ``start_response``."""
        self.status, self.headers = int(status.split(" ", 1)[0]), [(name.lower(), value) for name, value in headers]
        return self.put

    def put_whole(self, content: bytes) -> None:
        """All of the answer, which is sent at once with its length."""
        self._is_whole = True
        self._hand_over(content)

    def put(self, chunk: bytes) -> None:
        """The next chunk of a streamed answer; waits while the client is far behind. Raises _ClientGone."""
        with self._room:
            has_room = self._room.wait_for(
                lambda: self._abandoned or self._n_buffered < self._limits.stream_bytes, self._limits.stall_s
            )
            if self._abandoned or not has_room:
                raise _ClientGone
            self._n_buffered += len(chunk)
        self._hand_over(chunk)

    def end(self) -> None:
        self._hand_over(None)

    def fail(self) -> None:
        """End with an error; an answer whose beginning was sent is cut off."""
        self._has_failed = True
        self.status, self.headers = 500, [("content-type", "text/plain; charset=utf-8")]
        self._hand_over(None)

    def _hand_over(self, chunk: bytes | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
            self._loop.call_soon_threadsafe(self._chunks.put_nowait, chunk)

    # ---- in the event loop

    async def send(self, send: Send) -> None:
        """Send the answer. Raises _CutOff if it fails in the middle."""
        chunk = await self._chunks.get()
        await _start(send, self.status, self.headers)
        if chunk is None or self._is_whole:
            await send({"type": "http.response.body", "body": chunk or b""})
            return
        while chunk is not None:
            try:
                async with asyncio.timeout(self._limits.stall_s):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except (TimeoutError, OSError) as exc:
                raise _CutOff("the client takes nothing") from exc
            self._release(len(chunk))
            chunk = await self._chunks.get()
        if self._has_failed:
            raise _CutOff("the application failed in the middle of its answer")
        await send({"type": "http.response.body", "body": b""})

    def _release(self, n_bytes: int) -> None:
        with self._room:
            self._n_buffered -= n_bytes
            self._room.notify()

    def abandon(self) -> None:
        """Let the thread end at its next chunk."""
        with self._room:
            self._abandoned = True
            self._room.notify()
