"""Async code in tests. Playwright's sync API keeps an event loop running in the tests' thread, so it gets its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

T = TypeVar("T")


def run_apart(use: Callable[[], Awaitable[T]]) -> T:
    """What ``use`` returns, run by a loop in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, use).result()
