"""Asking servers politely: at most one request an interval, waits as long as they ask, tries again when they fail.

:class:`PoliteClient` is what harvesting (:mod:`.harvest`) and single queries (:mod:`.arxiv_query`) ask through.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr, parsedate_to_datetime
from types import TracebackType

import httpx
from django.conf import settings

from coolpapers.papers.errors import SourceMissing, SourceUnavailable
from search.base.aliases import ShouldStop, never_stop

logger = logging.getLogger(__name__)

ARXIV_INTERVAL_S = 3.0  # arXiv asks for no more than one request every three seconds (info.arxiv.org/help/api/tou.html)
_TIMEOUT_S = 60.0
_FIRST_WAIT_S = 5.0  # doubles with each failure, where the server does not say how long to wait
_LONGEST_WAIT_S = 3600.0
_LONGEST_ANSWER = 128 << 20  # bytes; arXiv's pages have some 5 million
_NOT_MODIFIED = 304
_MISSING = frozenset({404, 410})
_TOLD = ("Retry-After", "ETag", "Last-Modified")  # headers that matter later
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Clock and sleep, both in seconds, and the time of day; put in by tests."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer; ``tag`` asks later whether it has changed (``ETag``, or else ``Last-Modified``)."""

    content: bytes
    tag: str = ""


def user_agent() -> str:
    """Who asks, with an address of the site's people, as servers want it."""
    contact = parseaddr(settings.CONTACT)[1]
    return f"coolpapers (+{settings.SITE_URL}{f'; mailto:{contact}' if contact else ''})"


class Stopped(Exception):  # not an error: somebody asked for it
    """The run was asked to stop while it waited."""


class PoliteClient:
    """One server's client. A context manager; ``transport`` replaces the network in tests."""

    def __init__(
        self,
        *,
        timing: Timing,
        interval_s: float = ARXIV_INTERVAL_S,
        n_tries: int = 8,
        transport: httpx.BaseTransport | None = None,
        should_stop: ShouldStop = never_stop,
    ) -> None:
        self._timing = timing
        self._interval_s = interval_s
        self._n_tries = n_tries
        self._should_stop = should_stop
        self._asked_at: float | None = None
        self._client = httpx.Client(
            transport=transport,
            timeout=_TIMEOUT_S,
            follow_redirects=True,
            headers={"User-Agent": user_agent()},
        )

    def __enter__(self) -> PoliteClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        *,
        media_type: str = "",
        accept: Callable[[bytes], str] = lambda _: "",
    ) -> bytes:
        """The answer's body; ``media_type`` is the one that is wanted of several.

        ``accept`` says what is wrong with a body that must be asked for again, or nothing.

        Raises
        ------
        SourceUnavailable
            After the last try, with the reason of the last failure; at once for a status that trying again does not
            change, such as 404, and where the server asks to wait for more than an hour.
        """
        return self._answer(url, params, {"Accept": media_type} if media_type else {}, accept).content

    def get_if_changed(self, url: str, *, tag: str, accept: Callable[[bytes], str] = lambda _: "") -> Answer | None:
        """The answer, or None where it has not changed since it had the tag. Raises as :meth:`get`."""
        name = "If-Modified-Since" if tag.endswith(" GMT") else "If-None-Match"
        response = self._answer(url, {}, {name: tag} if tag else {}, accept)
        if response.status_code == _NOT_MODIFIED:
            return None
        return Answer(response.content, response.headers.get("ETag") or response.headers.get("Last-Modified", ""))

    def _answer(
        self, url: str, params: Mapping[str, str], headers: Mapping[str, str], accept: Callable[[bytes], str]
    ) -> httpx.Response:
        reason = ""
        for attempt in range(self._n_tries):
            self._keep_interval()
            wait_s = _FIRST_WAIT_S * 2**attempt
            try:
                response = self._request(url, params, headers)
                if response.status_code == _NOT_MODIFIED and headers:
                    return response
                asked_s = _retry_after(response, self._timing.now())
                reason = _failure(response) or accept(response.content)
                if not reason:
                    return response
                wait_s = asked_s if asked_s is not None else wait_s
            except httpx.TransportError as exc:
                reason = f"{type(exc).__name__}: {exc}"
            if wait_s > _LONGEST_WAIT_S:
                raise SourceUnavailable(f"{url} asks to come back in {wait_s:,.0f} s ({reason}); try again then.")
            if attempt + 1 < self._n_tries:
                logger.info("%s: %s; trying again in %.0f s", url, reason, wait_s)
                self._wait(wait_s)
        raise SourceUnavailable(f"{url} gave no usable answer in {self._n_tries} tries; the last time: {reason}.")

    def _request(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> httpx.Response:
        self._asked_at = self._timing.clock()
        with self._client.stream("GET", url, params=params or None, headers=headers) as response:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > _LONGEST_ANSWER:
                    raise SourceUnavailable(f"{url} answered with more than {_LONGEST_ANSWER >> 20} MiB.")
            told = {name: value for name in _TOLD if (value := response.headers.get(name))}
            return httpx.Response(response.status_code, headers=told, content=bytes(body))

    def _keep_interval(self) -> None:
        if self._asked_at is not None:
            self._wait(self._asked_at + self._interval_s - self._timing.clock())

    def _wait(self, seconds: float) -> None:
        """Sleep in short steps, so that a stop need not wait for an hour."""
        until = self._timing.clock() + seconds
        while (left := until - self._timing.clock()) > 0:
            if self._should_stop():
                raise Stopped
            self._timing.sleep(min(left, 1.0))


def _failure(response: httpx.Response) -> str:
    """What is wrong with the status; empty where nothing is. A status that cannot get better is raised."""
    if response.is_success:
        return ""
    reason = f"HTTP {response.status_code} {response.reason_phrase}".strip()
    if response.status_code in _RETRIED:
        return reason
    kind = SourceMissing if response.status_code in _MISSING else SourceUnavailable
    raise kind(f"the server answered {reason}; check the address and the arguments.")


def _retry_after(response: httpx.Response, now: datetime) -> float | None:
    """Seconds of a Retry-After header, which may be a number or a date; None where there is none to be read."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(0.0, (moment - now).total_seconds())
