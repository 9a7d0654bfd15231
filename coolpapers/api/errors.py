"""Errors of the APIs: each says what is wrong, where, and how to fix it. Messages are in English only.

ApiError
├── BadParameter          400  an invalid value
│   └── BadQuery          400  a query that does not parse, with the position
├── UnknownToken          401
├── Forbidden             403  the token's scope does not allow it
├── NotFound              404  the library has no such paper, category or venue
├── TooLarge              413
├── TooManyRequests       429  with Retry-After
├── Unavailable           503  no usable search index, with Retry-After
└── SiteUnavailable       503  a full or read-only disk, a database that does not answer; see :func:`outage_error`
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation

from coolpapers.base.outage_pages import describe, retry_after_s
from coolpapers.base.outages import cure_of, find_outage, refine


class ApiError(Exception):
    """Base class of API errors.

    ``where`` names the parameter, ``position`` is an index into its text from 0, ``cure`` says how to fix it.
    """

    status = 500
    kind = "error"
    title = "The request failed."

    def __init__(
        self, detail: str, *, where: str = "", cure: str = "", position: int | None = None, retry_after_s: int = 0
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.where = where
        self.cure = cure
        self.position = position
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return " ".join(part for part in (self.detail, self.cure) if part)

    def problem(self) -> dict[str, Any]:
        """The members of RFC 9457, with ``where``, ``position`` and ``cure`` if known."""
        members = {"detail": self.detail, "where": self.where, "position": self.position, "cure": self.cure}
        present = {name: value for name, value in members.items() if value not in ("", None)}
        return {"type": f"urn:coolpapers:{self.kind}", "title": self.title, "status": self.status, **present}


class BadParameter(ApiError):
    status = 400
    kind = "bad-parameter"
    title = "A parameter is invalid."


class BadQuery(BadParameter):
    kind = "bad-query"
    title = "The query does not parse."


class UnknownToken(ApiError):
    status = 401
    kind = "token-unknown"
    title = "The token is unknown."

    def __init__(self) -> None:
        super().__init__(
            "The token matches no API token of this site.",
            where="Authorization",
            cure="Send “Authorization: Bearer cp_…”, or omit the header to read without a token.",
        )


class Forbidden(ApiError):
    status = 403
    kind = "not-allowed"
    title = "The token does not allow this."


class NotFound(ApiError):
    status = 404
    kind = "not-here"
    title = "The library does not have it."


class TooLarge(ApiError):
    status = 413
    kind = "too-large"
    title = "The request is too large."


class TooManyRequests(ApiError):
    status = 429
    kind = "too-many-requests"
    title = "Too many requests."

    def __init__(self, wait_s: int, *, n_requests: int) -> None:
        super().__init__(
            f"More than {n_requests} requests a minute.",
            cure=f"Try again in {wait_s} seconds.",
            retry_after_s=wait_s,
        )


class Unavailable(ApiError):
    status = 503
    kind = "unavailable"
    title = "Search is unavailable."


class SiteUnavailable(ApiError):
    status = 503
    kind = "unavailable"
    title = "The site is unavailable."


def outage_error(error: BaseException) -> SiteUnavailable | None:
    """What a program is told about an outage; None for an error of ours."""
    outage = find_outage(error)
    if outage is None:
        return None
    outage = refine(outage, settings.DATA_DIR)
    with translation.override("en"):
        cure = f"For administrators: {cure_of(outage)}."
        return SiteUnavailable(describe(outage), cure=cure, retry_after_s=retry_after_s(outage))
