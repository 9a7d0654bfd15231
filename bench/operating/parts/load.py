"""Readers who ask for pages all the time, and what became of each request."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from bench.operating.parts.reader import Reader


@dataclass(frozen=True, slots=True)
class Request:
    """``problem`` is "" for a page; times are those of the monotonic clock."""

    began: float
    ended: float
    problem: str


class Load:
    """``n_readers`` threads that ask until the block ends, each with a pause as long as it takes to look at a page."""

    def __init__(self, reader: Callable[[], Reader], queries: Sequence[str], *, n_readers: int, pause_s: float) -> None:
        self._reader, self._queries, self._pause_s = reader, queries, pause_s
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._threads = [threading.Thread(target=self._read, args=(number,)) for number in range(n_readers)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def since(self, moment: float) -> list[Request]:
        """Requests that ended after a moment."""
        with self._lock:
            return [request for request in self._requests if request.ended >= moment]

    def _read(self, seed: int) -> None:
        rng = random.Random(seed)
        with self._reader() as reader:
            while not self._stopped.wait(self._pause_s * rng.uniform(0.5, 1.5)):
                began = time.monotonic()
                problem = _ask(reader, rng.choice(self._queries))
                with self._lock:
                    self._requests.append(Request(began, time.monotonic(), problem))


def _ask(reader: Reader, query: str) -> str:
    try:
        answer = reader.client.get("/search", params={"q": query, "mode": "bm25"})
    except httpx.HTTPError as exc:
        return type(exc).__name__
    return "" if answer.status_code in (200, 302) else str(answer.status_code)
