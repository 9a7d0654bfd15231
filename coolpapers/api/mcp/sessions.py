"""Who an assistant speaks for while one of its tools runs, and where the site is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from coolpapers.api.callers import Caller


@dataclass(frozen=True, slots=True)
class Session:
    """``site_url`` is the address of the site without a slash at its end, for links to pages."""

    caller: Caller
    site_url: str
    is_long: bool = False  # it outlives a request: connections to the database grow old between two calls


_current: ContextVar[Session] = ContextVar("session")


@contextmanager
def acting_in(session: Session) -> Iterator[None]:
    """Run tools for this session. A context variable, so that tasks and threads started inside see it."""
    mark = _current.set(session)
    try:
        yield
    finally:
        _current.reset(mark)


def current_session() -> Session:
    """The session that a tool runs in. Raises LookupError outside of one."""
    return _current.get()
