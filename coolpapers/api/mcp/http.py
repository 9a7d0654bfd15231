"""MCP over HTTP at ``/mcp``: one answer per POST, on a thread of the web server."""

from __future__ import annotations

from urllib.parse import urlsplit

from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from coolpapers.api.callers import admit
from coolpapers.api.errors import ApiError, Forbidden, TooLarge
from coolpapers.api.json.problems import problem_response
from coolpapers.api.mcp.sessions import Session

MAX_BODY_BYTES = 1_000_000
_HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@csrf_exempt  # callers are authenticated by a token, never by a cookie
@require_POST  # GET requests a stream of server messages, of which there are none
def serve_mcp(request: HttpRequest) -> HttpResponse:
    """``/mcp``: streamable HTTP without sessions."""
    from coolpapers.api.mcp.server import answer_request

    try:
        _refuse_other_sites(request)
        caller = admit(request)
        body = _read_body(request)
    except ApiError as error:
        return problem_response(error)
    session = Session(caller, request.build_absolute_uri("/").rstrip("/"))
    status, headers, content = async_to_sync(answer_request)(
        session, method="POST", path=request.path, headers=_headers(request), body=body
    )
    response = HttpResponse(content, status=status)
    del response["Content-Type"]  # an answer without a body must not have one
    for name, value in headers:
        if name.decode("latin-1").lower() not in _HOP_HEADERS:
            response[name.decode("latin-1")] = value.decode("latin-1")
    return response


def _refuse_other_sites(request: HttpRequest) -> None:
    """Reject requests from pages of other sites (DNS rebinding) by their ``Origin``, as the specification demands.
    Django checks the Host header (ALLOWED_HOSTS)."""
    origin = request.headers.get("Origin", "")
    if not origin or origin in settings.CSRF_TRUSTED_ORIGINS:
        return
    if _netloc(origin) != request.get_host():
        raise Forbidden("Requests from pages of other sites are not allowed.", where="Origin")


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _read_body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        raise TooLarge(f"A message has at most {MAX_BODY_BYTES:,} bytes.")
    return request.body


def _headers(request: HttpRequest) -> list[tuple[bytes, bytes]]:
    """The request's headers for ASGI, without the token and cookies, which the SDK does not need."""
    return [
        (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in request.headers.items()
        if name.lower() not in ("authorization", "cookie")
    ]
