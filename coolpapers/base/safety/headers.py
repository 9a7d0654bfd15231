"""Headers that keep a browser from doing more with an answer than this site needs.

Django sets the others (``SECURE_*`` in the settings), django-csp the content policy;
``tests/coolpapers/base/safety/test_headers.py`` lists all of them for each kind of answer.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# What pages use is allowed to themselves, everything else to nobody.
PERMISSIONS_POLICY = (
    "accelerometer=(), autoplay=(), camera=(), clipboard-write=(self), display-capture=(), fullscreen=(self), "
    "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)
# Other sites may link to pages and call the APIs, but not show images or run scripts of this one.
RESOURCE_POLICY = "same-origin"


class SafetyHeadersMiddleware:
    """Adds them to every answer, files included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", RESOURCE_POLICY)
        return response
