"""Compression of pages, except of those that contain a secret (docs/decisions/0024-compression-and-caching.md)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# Text that is sent whole. A stream of events must not wait in a buffer; PDFs and images are compressed already.
_TYPES = ("text/html", "text/plain", "text/xml", "application/xml", "application/json")
_SUFFIXES = ("+xml", "+json")


class CompressionMiddleware(GZipMiddleware):
    """Compresses pages, feeds and answers of the APIs with gzip, at random lengths.

    The length of a compressed page tells whether two texts in it are alike. Where one of them is a secret and another
    comes from the address, an attacker can find the secret letter by letter (BREACH), so such pages stay as they are:
    those with a CSRF token, and all of a reader who is signed in.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not _is_text(response) or may_hold_secret(request, response):
            return response
        return super().process_response(request, response)


def may_hold_secret(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a response may contain what only its reader may know."""
    has_token = bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))  # Django made a token for this page
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME in response.cookies
    return has_token or has_session or settings.CSRF_COOKIE_NAME in response.cookies


def _is_text(response: HttpResponseBase) -> bool:
    kind = str(response.get("Content-Type", "")).partition(";")[0].strip().lower()
    return kind in _TYPES or kind.endswith(_SUFFIXES)
