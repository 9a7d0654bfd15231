"""MCP over HTTP at ``/mcp``: one POST, one answer, on a thread of the web server like any page."""

from __future__ import annotations

from urllib.parse import urlsplit

from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from coolpapers.api.callers import admit
from coolpapers.api.errors import ApiError, NotAllowed, TooLarge
from coolpapers.api.json.problems import problem_response
from coolpapers.api.mcp.sessions import Session

MAX_BODY_BYTES = 1_000_000
_HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@csrf_exempt  # who asks is told by a token, never by a cookie
@require_POST  # GET would ask for a stream of the server's own messages; it has none to send
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
    del response["Content-Type"]  # an answer without a body has none
    for name, value in headers:
        if name.decode("latin-1").lower() not in _HOP_HEADERS:
            response[name.decode("latin-1")] = value.decode("latin-1")
    return response


def _refuse_other_sites(request: HttpRequest) -> None:
    """A page of another site must not reach a server on the reader's machine (DNS rebinding): the specification wants
    ``Origin`` looked at. The Host header is Django's to check (ALLOWED_HOSTS)."""
    origin = request.headers.get("Origin", "")
    if not origin or origin in settings.CSRF_TRUSTED_ORIGINS:
        return
    if urlsplit(origin).netloc != request.get_host():
        raise NotAllowed("This server does not answer pages of other sites.", where="Origin")


def _read_body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        raise TooLarge(f"A message has at most {MAX_BODY_BYTES:,} bytes.")
    return request.body


def _headers(request: HttpRequest) -> list[tuple[bytes, bytes]]:
    """The request's headers as ASGI has them, without the token, which the SDK has no need to know."""
    return [
        (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in request.headers.items()
        if name.lower() not in ("authorization", "cookie")
    ]
