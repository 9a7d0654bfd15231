"""Each request: its identifier, its count and time, and its line in the access log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from coolpapers.base.observing.metrics import count_request
from coolpapers.base.observing.request_ids import HEADER, answering, choose_request_id
from coolpapers.base.observing.tracing import request_span
from coolpapers.base.throttling import client_name

access_logger = logging.getLogger("coolpapers.access")


@dataclass(frozen=True, slots=True)
class _Answered:
    """What the log says of a request."""

    ident: str
    view: str
    method: str
    status: int
    started: float
    client: str


class ObservingMiddleware:
    """The outermost one: it sees answers of all others, and 500 for errors of the program."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        ident = choose_request_id(request.headers.get(HEADER, ""))
        with answering(ident), request_span(request.method or "", request.headers, ident=ident) as name_span:
            response = self.get_response(request)
            view = view_name(request)
            name_span(view, response.status_code)
        response.headers[HEADER] = ident
        count_request(view, request.method or "", response.status_code, time.perf_counter() - started)
        if settings.ACCESS_LOG != "off":
            client = client_name(request) if settings.ACCESS_LOG == "clients" else ""
            _log(_Answered(ident, view, request.method or "", response.status_code, started, client), response)
        return response


def view_name(request: HttpRequest) -> str:
    """The name of the view in the code, ``static`` for files, ``none`` where an address leads nowhere."""
    if request.resolver_match is not None:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


def _log(answered: _Answered, response: HttpResponseBase) -> None:
    """Now, or at the end of an answer whose length is not known before."""
    length = response.headers.get("Content-Length", "")
    if isinstance(response, StreamingHttpResponse) and not length.isdigit():
        if not response.is_async:
            response.streaming_content = _followed(iter(response), answered)
        return
    n_bytes = int(length) if length.isdigit() else len(getattr(response, "content", b""))
    _write(answered, n_bytes)


def _followed(chunks: Iterator[bytes], answered: _Answered) -> Iterator[bytes]:
    n_bytes = 0
    try:
        for chunk in chunks:
            n_bytes += len(chunk)
            yield chunk
    finally:
        _write(answered, n_bytes)


def _write(answered: _Answered, n_bytes: int) -> None:
    ms = round((time.perf_counter() - answered.started) * 1000, 1)
    fields = {
        "view": answered.view,
        "method": answered.method,
        "status": answered.status,
        "ms": ms,
        "bytes": n_bytes,
        "request_id": answered.ident,
    }
    if answered.client:
        fields["client"] = answered.client
    access_logger.info(
        "%s %s %d, %s ms, %d bytes", answered.method, answered.view, answered.status, ms, n_bytes, extra=fields
    )
