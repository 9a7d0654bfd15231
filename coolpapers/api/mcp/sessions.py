"""The session that a tool runs in: its caller and the address of the site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from coolpapers.api.callers import Caller


@dataclass(frozen=True, slots=True)
class Session:
    """``site_url`` is the address of the site without a trailing slash, for links to pages."""

    caller: Caller
    site_url: str
    is_long: bool = False  # it outlives a request, so database connections may become stale between two calls


_current: ContextVar[Session] = ContextVar("session")


@contextmanager
def acting_in(session: Session) -> Iterator[None]:
    """Make this the current session. A context variable is visible to tasks and threads started inside."""
    token = _current.set(session)
    try:
        yield
    finally:
        _current.reset(token)


def current_session() -> Session:
    """The session that a tool runs in. Raises LookupError outside of one."""
    return _current.get()
