"""The application that granian serves, as ``manage.py serve`` starts it."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from coolpapers.base.admission import Visit
from coolpapers.base.gateway import Gateway, Limits
from coolpapers.base.throttling import client_address
from coolpapers.operating.costs import is_expensive, wait_s
from coolpapers.wsgi import application as wsgi_application


def describe(environ: dict[str, Any]) -> Visit:
    mode = settings.SEARCH_MODE
    return Visit(
        client_address(environ),
        is_expensive(environ, default_mode=mode),
        wait_s(environ, default_mode=mode),
    )


limits = Limits(n_threads=settings.WEB_THREADS, body_bytes=settings.MAX_BODY_MB << 20)
application = Gateway(wsgi_application, limits, describe=describe)
