"""Who asks: nobody in particular, or the owner of a token; and how often each may."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from coolpapers.api.errors import TokenUnknown, TooManyRequests
from coolpapers.api.models import ApiToken, find_token
from coolpapers.base.throttling import Rate, check_rate, client_name


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that asks. Without a token it may read what every visitor may."""

    name: str
    token: ApiToken | None = None

    @property
    def may_write(self) -> bool:
        return self.token is not None and self.token.may_write


def identify(request: HttpRequest) -> Caller:
    """The caller of a request, by ``Authorization: Bearer <token>`` or else by address.

    Sessions and cookies mean nothing here, so that no other site can act through a reader's browser.
    Raises TokenUnknown.
    """
    header = request.headers.get("Authorization", "")
    if not header:
        return Caller(client_name(request))
    kind, _blank, text = header.partition(" ")
    token = find_token(text.strip()) if kind.lower() == "bearer" else None
    if token is None:
        raise TokenUnknown()
    return Caller(f"token:{token.pk}", token)


def admit(request: HttpRequest) -> Caller:
    """The caller, counted. Raises TokenUnknown, TooManyRequests."""
    try:
        caller = identify(request)
    except TokenUnknown:
        count(Caller(client_name(request)))  # so that tokens cannot be guessed any faster than pages be read
        raise
    count(caller)
    return caller


def count(caller: Caller) -> None:
    """Count one request. Raises TooManyRequests."""
    rate = Rate(settings.API_RATE if caller.token is None else settings.API_TOKEN_RATE)
    wait_s = check_rate("api", caller.name, rate)
    if wait_s:
        raise TooManyRequests(wait_s, n_requests=rate.n_requests)
