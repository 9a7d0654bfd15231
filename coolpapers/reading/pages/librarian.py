"""Who decides for the site: its staff, or without accounts whoever uses it on its own machine."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from coolpapers.reading.pdfs.requests import fetching_decision

_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


def is_librarian(request: HttpRequest) -> bool:
    """Whether the reader may decide for the site. A request through a proxy comes from elsewhere."""
    return request.user.is_staff or (settings.ACCOUNTS == "off" and is_local(request))


def is_local(request: HttpRequest) -> bool:
    """Whether the request comes from this machine. One through a proxy comes from elsewhere."""
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and not _is_forwarded(request)


def asks_librarian(request: HttpRequest) -> bool:
    """Whether to ask if PDFs may be fetched: the reader may decide, and nobody has."""
    return is_librarian(request) and fetching_decision() is None


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False  # a socket file


def _is_forwarded(request: HttpRequest) -> bool:
    return any(name in request.headers for name in _FORWARDED)
