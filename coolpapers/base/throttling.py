"""Rate limits: so many requests per time window, counted in the cache :data:`COUNTS`.

Start at :func:`check_rate`; :func:`client_name` identifies the client. The limit is a sliding-window counter: requests
of the previous window count by the fraction of that window within the last ``per_s`` seconds. All processes of the site
share the counts (:mod:`coolpapers.base.shared_counts`).
"""

from __future__ import annotations

import ipaddress
import math
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from coolpapers.base.outages import degraded

COUNTS = "rates"  # which of CACHES
OWN_COUNTS = "default"  # the one in the memory of this process
_WITH_PORT = re.compile(r"\[(?P<bracketed>[^\]]*)\](?::\d+)?|(?P<plain>[\d.]+):\d+")
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Rate:
    """``n_requests`` per ``per_s`` seconds; 0 requests mean no limit."""

    n_requests: int
    per_s: int = 60


def check_rate(scope: str, who: str, rate: Rate, *, now: float | None = None) -> int:
    """Count a request of ``who``; return 0 if it is allowed, else the seconds to wait.

    Parameters
    ----------
    scope : what is limited, such as ``api`` or ``sign-in``; scopes are counted separately
    who : an address, a user or a token; see :func:`client_name`
    now : seconds since the epoch; default: the clock

    A refused request is not counted, so a retry after the wait succeeds. Where the shared counts cannot be written (a
    full disk), each process counts for itself.
    """
    if rate.n_requests <= 0:
        return 0
    now = time.time() if now is None else now
    try:
        wait_s = _count(caches[COUNTS], scope, who, rate, now)
    except OSError as exc:
        degraded.count(COUNTS, exc)
        return _count(caches[OWN_COUNTS], scope, who, rate, now)
    degraded.succeed(COUNTS)
    return wait_s


def limit_rate(scope: str, setting: str) -> Callable[[View], View]:
    """Limit a view per address to the requests per minute in ``setting``; beyond that it answers 429."""

    def decorate(view: View) -> View:
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            wait_s = check_rate(scope, client_name(request), Rate(getattr(settings, setting)))
            if not wait_s:
                return view(request, *args, **kwargs)
            message = _("Too many requests; try again in %(seconds)d seconds.") % {"seconds": wait_s}
            headers = {"Retry-After": str(wait_s)}
            return HttpResponse(message, status=429, content_type="text/plain; charset=utf-8", headers=headers)

        return limited

    return decorate


def _count(counts: BaseCache, scope: str, who: str, rate: Rate, now: float) -> int:
    window, elapsed = divmod(now, rate.per_s)
    # Salted: there are few enough addresses to reverse a plain hash.
    name = salted_hmac("coolpapers.base.throttling", who, algorithm="sha256").hexdigest()[:32]
    key = f"rate:{scope}:{rate.per_s}:{name}"
    current, before = f"{key}:{int(window)}", f"{key}:{int(window) - 1}"
    n_before, n_current = int(counts.get(before, 0)), int(counts.get(current, 0))
    weighted_before = n_before * (1 - elapsed / rate.per_s)
    if weighted_before + n_current + 1 <= rate.n_requests:
        n_now = _increment(counts, current, timeout=2 * rate.per_s)
        if weighted_before + n_now <= rate.n_requests:
            return 0
        n_current = n_now - 1  # concurrent requests were counted first
        with suppress(ValueError):
            counts.decr(current)
    return _wait_s(rate, n_before=n_before, n_current=n_current, elapsed=elapsed)


def _increment(counts: BaseCache, key: str, *, timeout: int) -> int:
    """Increment and return the count."""
    if counts.add(key, 1, timeout=timeout):
        return 1
    try:
        return counts.incr(key)
    except ValueError:  # evicted from a full cache in between
        counts.set(key, 1, timeout=timeout)
        return 1


def _wait_s(rate: Rate, *, n_before: int, n_current: int, elapsed: float) -> int:
    """Whole seconds until one more request fits, at least 1."""
    left = rate.per_s - elapsed
    if n_current + 1 <= rate.n_requests:  # blocked by the previous window, whose weight decreases linearly
        free = rate.n_requests - n_current - 1
        return max(1, math.ceil(left - free * rate.per_s / n_before))
    # This window is full: the request fits when it has become the previous window and lost enough weight.
    return max(1, math.ceil(left + rate.per_s * (1 - (rate.n_requests - 1) / n_current)))


def client_name(request: HttpRequest) -> str:
    """The address of a request's client; see :func:`client_address`."""
    return client_address(request.META)


def client_address(environ: Mapping[str, Any]) -> str:
    """The client's address by the WSGI environment; for IPv6 the /64 network, which one household has as a whole.

    Behind proxies it is the address that the outermost trusted proxy saw (TRUSTED_PROXIES is their number); entries
    before it in X-Forwarded-For can be forged. A port that a proxy adds is dropped: it differs with each connection. An
    IPv4 address is the same in its IPv6 form, which sockets for both kinds show.
    """
    address = str(environ.get("REMOTE_ADDR") or "")
    n_proxies = settings.TRUSTED_PROXIES
    if n_proxies > 0:
        forwarded = [part.strip() for part in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
        address = forwarded[-min(n_proxies, len(forwarded))] or address
    try:
        parsed = ipaddress.ip_address(_without_port(address))
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))


def _without_port(address: str) -> str:
    """``192.0.2.7:4711``, ``[2001:db8::1]:4711`` and ``[2001:db8::1]`` without brackets and port."""
    match = _WITH_PORT.fullmatch(address)
    return (match["bracketed"] or match["plain"]) if match else address
