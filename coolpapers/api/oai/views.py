"""``/oai`` and the XML schema of our metadata format."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from coolpapers.api.callers import admit
from coolpapers.api.errors import TooManyRequests, UnknownToken
from coolpapers.api.oai.answers import Site, answer, document, error_element, request_element
from coolpapers.api.oai.arguments import read_arguments
from coolpapers.api.oai.errors import OaiError

MEDIA_TYPE = "text/xml; charset=utf-8"
_SCHEMA = Path(__file__).with_name("coolpapers.xsd")


@csrf_exempt  # POST carries long tokens and changes nothing
@require_http_methods(["GET", "HEAD", "POST"])
def serve_oai(request: HttpRequest) -> HttpResponse:
    """``/oai``. Errors of the protocol have status 200; harvesters wait when they receive 503 with Retry-After."""
    try:
        admit(request)
    except TooManyRequests as exc:
        headers = {"Retry-After": str(exc.retry_after_s)}
        return HttpResponse(str(exc), status=503, content_type="text/plain; charset=utf-8", headers=headers)
    except UnknownToken as exc:
        return HttpResponse(str(exc), status=401, content_type="text/plain; charset=utf-8")
    now = timezone.now()
    site = Site(request.build_absolute_uri("/").rstrip("/"), request.build_absolute_uri(request.path))
    arguments: dict[str, str] = {}
    try:
        arguments = read_arguments(request.POST if request.method == "POST" else request.GET)
        content = answer(arguments, site=site, now=now)
    except OaiError as error:
        if error.code in {"badVerb", "badArgument"}:
            arguments = {}
        content = error_element(error)
    body = document([content], request=request_element(site, arguments), now=now)
    return HttpResponse(body, content_type=MEDIA_TYPE)


@require_safe
def show_schema(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """``/oai/coolpapers.xsd``."""
    return HttpResponse(_SCHEMA.read_bytes(), content_type=MEDIA_TYPE)
