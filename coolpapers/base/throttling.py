"""How often somebody may ask: so many times in so many seconds, counted in the cache :data:`COUNTS`.

Start at :func:`check_rate`; :func:`client_name` says who asks. The count is a sliding one: what was asked in the window
before weighs as much as that window still reaches into the last ``per_s`` seconds. All processes of the site count
together (:mod:`coolpapers.base.shared_counts`).
"""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

COUNTS = "rates"  # which of CACHES
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Rate:
    """``n_requests`` in ``per_s`` seconds; 0 requests mean no limit."""

    n_requests: int
    per_s: int = 60


def check_rate(scope: str, who: str, rate: Rate, *, now: float | None = None) -> int:
    """Count a request of ``who``; 0 where it may go on, else the seconds to wait.

    Parameters
    ----------
    scope : what is limited, such as ``api`` or ``sign-in``; scopes are counted apart
    who : an address, a user, a token: see :func:`client_name`
    now : seconds since the epoch; the clock's where missing

    A refused request is not counted, so one that waits as told gets through. Where nothing can be counted (a full
    disk), everybody may go on.
    """
    if rate.n_requests <= 0:
        return 0
    now = time.time() if now is None else now
    try:
        return _count(scope, who, rate, now)
    except OSError as exc:
        logger.warning("Requests cannot be counted, so there is no limit: %s", exc)
        return 0


def limit_rate(scope: str, setting: str) -> Callable[[View], View]:
    """A view that an address may ask so many times a minute as ``setting`` says; then it answers 429."""

    def decorate(view: View) -> View:
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            wait_s = check_rate(scope, client_name(request), Rate(getattr(settings, setting)))
            if not wait_s:
                return view(request, *args, **kwargs)
            words = _("Too many requests; try again in %(seconds)d seconds.") % {"seconds": wait_s}
            headers = {"Retry-After": str(wait_s)}
            return HttpResponse(words, status=429, content_type="text/plain; charset=utf-8", headers=headers)

        return limited

    return decorate


def _count(scope: str, who: str, rate: Rate, now: float) -> int:
    counts = caches[COUNTS]
    window, passed = divmod(now, rate.per_s)
    # Salted: there are so few addresses that a plain hash would tell them to whoever reads the disk.
    name = salted_hmac("coolpapers.base.throttling", who, algorithm="sha256").hexdigest()[:32]
    key = f"rate:{scope}:{rate.per_s}:{name}"
    current, before = f"{key}:{int(window)}", f"{key}:{int(window) - 1}"
    n_before, n_current = int(counts.get(before, 0)), int(counts.get(current, 0))
    faded = n_before * (1 - passed / rate.per_s)
    if faded + n_current + 1 <= rate.n_requests:
        n_now = _add_one(current, timeout=2 * rate.per_s)
        if faded + n_now <= rate.n_requests:
            return 0
        n_current = n_now - 1  # others asked in between and were first
        with suppress(ValueError):
            counts.decr(current)
    return _wait_s(rate, n_before=n_before, n_current=n_current, passed=passed)


def _add_one(key: str, *, timeout: int) -> int:
    """The count with one more."""
    counts = caches[COUNTS]
    if counts.add(key, 1, timeout=timeout):
        return 1
    try:
        return counts.incr(key)
    except ValueError:  # it fell out of a full cache in between
        counts.set(key, 1, timeout=timeout)
        return 1


def _wait_s(rate: Rate, *, n_before: int, n_current: int, passed: float) -> int:
    """Whole seconds until one more request fits, at least 1."""
    left = rate.per_s - passed
    if n_current + 1 <= rate.n_requests:  # the window before is what is in the way: it fades evenly
        free = rate.n_requests - n_current - 1
        return max(1, math.ceil(left - free * rate.per_s / n_before))
    # This window is full; in the next one it is the one before.
    return max(1, math.ceil(left + rate.per_s * (1 - (rate.n_requests - 1) / n_current)))


def client_name(request: HttpRequest) -> str:
    """Who asks, by address; IPv6 by its network of 64 bits, all of which one household has.

    Behind proxies the address is the one that the outermost trusted proxy saw (TRUSTED_PROXIES says how many there
    are); what stands before it in X-Forwarded-For anybody can write.
    """
    address = str(request.META.get("REMOTE_ADDR") or "")
    n_proxies = settings.TRUSTED_PROXIES
    if n_proxies > 0:
        forwarded = [part.strip() for part in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
        address = forwarded[-min(n_proxies, len(forwarded))] or address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
