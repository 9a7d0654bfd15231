"""``/metrics`` for Prometheus: for whoever has the token, or without a token for this machine. Never public."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coolpapers.operating.watching.exposition import CONTENT_TYPE, exposition
from coolpapers.reading.pages.librarian import is_local

_LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_PLAIN = "text/plain; charset=utf-8"


@require_safe
@never_cache
def show_metrics(request: HttpRequest) -> HttpResponse:
    """200 with the metrics, 401 without the token, 403 from elsewhere where no token is set."""
    if settings.METRICS_TOKEN:
        if not _has_token(request):
            headers = {"WWW-Authenticate": 'Bearer realm="metrics"'}
            return HttpResponse(
                "Send the token: Authorization: Bearer …\n", status=401, content_type=_PLAIN, headers=headers
            )
    elif not _is_from_here(request):
        message = "Metrics are shown on this machine only; set COOLPAPERS_METRICS_TOKEN to read them from elsewhere.\n"
        return HttpResponse(message, status=403, content_type=_PLAIN)
    return HttpResponse(exposition(), content_type=CONTENT_TYPE)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and constant_time_compare(token.strip(), settings.METRICS_TOKEN)


def _is_from_here(request: HttpRequest) -> bool:
    """A proxy on this machine that names no client in a header still passes on the public name of the site.

    A site behind TLS has a proxy, so that every request may come through it: there a token is needed.
    """
    host = request.get_host().rpartition(":")[0] if request.get_host().count(":") == 1 else request.get_host()
    host = host.partition("]")[0] + "]" if host.startswith("[") else host
    return not settings.HTTPS and is_local(request) and host in _LOCAL_HOSTS
