"""Compression of pages, except of those that contain a secret (docs/decisions/0024-compression-and-caching.md)."""

from __future__ import annotations

import gzip
import re
import secrets

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

# Text that is sent whole. A stream of events must not wait in a buffer; PDFs and images are compressed already.
_TYPES = ("text/html", "text/plain", "text/xml", "application/xml", "application/json")
_SUFFIXES = ("+xml", "+json")

# A page of 140 kB becomes 27.2 kB in 1.2 ms; with Django's level, 6, 26.0 kB in 2.5 ms.
LEVEL = 4
MIN_BYTES = 200  # shorter texts gain nothing
MAX_RANDOM_BYTES = 100
_ACCEPTS_GZIP = re.compile(r"\bgzip\b")


class CompressionMiddleware(MiddlewareMixin):
    """Compresses pages, feeds and answers of the APIs with gzip, at random lengths.

    The length of a compressed page tells whether two texts in it are alike. Where one of them is a secret and another
    comes from the address, an attacker can find the secret letter by letter (BREACH), so such pages stay as they are:
    those with a CSRF token, and all of a reader who is signed in.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not isinstance(response, HttpResponse) or not _is_text(response) or may_hold_secret(request, response):
            return response
        if response.has_header("Content-Encoding") or len(response.content) < MIN_BYTES:
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if _ACCEPTS_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            kept = response.compressed if isinstance(response, CompressedPage) else None
            _send_compressed(response, kept or compress(response.content))
        return response


class CompressedPage(HttpResponse):
    """A page that was compressed before; ``compressed`` is the same content in gzip's format."""

    def __init__(self, compressed: bytes) -> None:
        super().__init__(gzip.decompress(compressed))
        self.compressed = compressed


def compress(content: bytes) -> bytes:
    """The content in gzip's format."""
    return gzip.compress(content, compresslevel=LEVEL, mtime=0)


def _send_compressed(response: HttpResponse, compressed: bytes) -> None:
    """Send it at a random length, where it is shorter. An entity tag holds for the page in either form only weakly."""
    if len(compressed) + MAX_RANDOM_BYTES >= len(response.content):
        return
    response.content = with_random_name(compressed)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))
    tag = response.get("ETag", "")
    if tag.startswith('"'):
        response.headers["ETag"] = f"W/{tag}"


def with_random_name(compressed: bytes) -> bytes:
    """The same with a file name of random length in its header (RFC 1952), which readers skip."""
    header = bytearray(compressed[:10])
    header[3] |= gzip.FNAME
    return bytes(header) + b"a" * secrets.randbelow(MAX_RANDOM_BYTES) + b"\0" + compressed[10:]


def may_hold_secret(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a response may contain what only its reader may know."""
    has_token = bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))  # Django made a token for this page
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME in response.cookies
    return has_token or has_session or settings.CSRF_COOKIE_NAME in response.cookies


def _is_text(response: HttpResponseBase) -> bool:
    kind = str(response.get("Content-Type", "")).partition(";")[0].strip().lower()
    return kind in _TYPES or kind.endswith(_SUFFIXES)
