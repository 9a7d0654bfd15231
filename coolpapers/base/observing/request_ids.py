"""The identifier of a request: in its answer, on pages of errors and in each line of the log that belongs to it.

A proxy may give one in ``X-Request-ID``. Only plain characters are taken from there: it goes into logs and pages.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+=/@-]{7,127}", re.ASCII)
_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The identifier of the request that this thread answers; "" outside of requests."""
    return _current.get()


def choose_request_id(given: str) -> str:
    """The given identifier if it is well formed, else a new one of 16 hexadecimal digits."""
    return given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)


@contextmanager
def answering(ident: str) -> Iterator[None]:
    """:func:`request_id` is ``ident`` within the block."""
    token = _current.set(ident)
    try:
        yield
    finally:
        _current.reset(token)
