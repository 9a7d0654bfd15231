"""How often somebody may ask: so many times in so many seconds, counted in Django's cache.

Start at :func:`check_rate`; :func:`client_name` says who asks. The count is a sliding one: what was asked in the window
before weighs as much as that window still reaches into the last ``per_s`` seconds. A cache of the process (the default)
counts for each process.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


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

    A refused request is not counted, so one that waits as told gets through.
    """
    if rate.n_requests <= 0:
        return 0
    now = time.time() if now is None else now
    window, passed = divmod(now, rate.per_s)
    key = f"rate:{scope}:{rate.per_s}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    current, before = f"{key}:{int(window)}", f"{key}:{int(window) - 1}"
    n_before, n_current = int(cache.get(before, 0)), int(cache.get(current, 0))
    if n_before * (1 - passed / rate.per_s) + n_current + 1 > rate.n_requests:
        return _wait_s(rate, n_before=n_before, n_current=n_current, passed=passed)
    if not cache.add(current, 1, timeout=2 * rate.per_s):
        try:
            cache.incr(current)
        except ValueError:  # it fell out of a full cache in between
            cache.set(current, n_current + 1, timeout=2 * rate.per_s)
    return 0


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
