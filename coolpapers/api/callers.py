"""Callers of the APIs, anonymous or authenticated by a token, and their rate limits."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from coolpapers.api.errors import TooManyRequests, UnknownToken
from coolpapers.api.models import ApiToken, find_token
from coolpapers.base.throttling import Rate, check_rate, client_name


@dataclass(frozen=True, slots=True)
class Caller:
    """The program behind a request. Without a token it can read what every visitor can."""

    name: str
    token: ApiToken | None = None

    @property
    def may_write(self) -> bool:
        return self.token is not None and self.token.may_write


def identify(request: HttpRequest) -> Caller:
    """The caller of a request: by ``Authorization: Bearer <token>``, or else by client address.

    Sessions and cookies are ignored, so that another site cannot act through a reader's browser (CSRF).
    Raises UnknownToken.
    """
    header = request.headers.get("Authorization", "")
    if not header:
        return Caller(client_name(request))
    kind, _blank, text = header.partition(" ")
    token = find_token(text.strip()) if kind.lower() == "bearer" else None
    if token is None:
        raise UnknownToken()
    return Caller(f"token:{token.pk}", token)


def admit(request: HttpRequest) -> Caller:
    """Identify and count the caller. Raises UnknownToken, TooManyRequests."""
    try:
        caller = identify(request)
    except UnknownToken:
        count(Caller(client_name(request)))  # limits the guessing of tokens by the anonymous rate
        raise
    count(caller)
    return caller


def count(caller: Caller) -> None:
    """Count one request. Raises TooManyRequests."""
    rate = Rate(settings.API_RATE if caller.token is None else settings.API_TOKEN_RATE)
    wait_s = check_rate("api", caller.name, rate)
    if wait_s:
        raise TooManyRequests(wait_s, n_requests=rate.n_requests)
