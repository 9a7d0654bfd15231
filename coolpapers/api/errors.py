"""What programs are told when something is wrong: what, where, and how to mend it. English, as programs are.

ApiError
├── BadParameter          400  a value that cannot be meant
│   └── BadQuery          400  a query that does not parse, with the position
├── TokenUnknown          401  a token that nobody has
├── NotAllowed            403  the token may not do that
├── NotHere               404  the library has no such paper, category or venue
├── TooLarge              413
├── TooManyRequests       429  with Retry-After
└── Unavailable           503  no index (yet), with Retry-After
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """Base of everything that programs are told.

    ``where`` names the parameter, ``position`` counts its characters from 0, ``cure`` says what to do.
    """

    status = 500
    kind = "error"
    title = "The request could not be answered."

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
        """The members of RFC 9457, and ``where``, ``position``, ``cure`` where they are known."""
        members = {"detail": self.detail, "where": self.where, "position": self.position, "cure": self.cure}
        known = {name: value for name, value in members.items() if value not in ("", None)}
        return {"type": f"urn:coolpapers:{self.kind}", "title": self.title, "status": self.status, **known}


class BadParameter(ApiError):
    status = 400
    kind = "bad-parameter"
    title = "A parameter cannot be read."


class BadQuery(BadParameter):
    kind = "bad-query"
    title = "The query does not parse."


class TokenUnknown(ApiError):
    status = 401
    kind = "token-unknown"
    title = "The token is not known."

    def __init__(self) -> None:
        super().__init__(
            "Nobody has this token.",
            where="Authorization",
            cure="Send “Authorization: Bearer cp_…”, or no such header to read without a token.",
        )


class NotAllowed(ApiError):
    status = 403
    kind = "not-allowed"
    title = "The token may not do that."


class NotHere(ApiError):
    status = 404
    kind = "not-here"
    title = "This library does not hold that."


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
            cure=f"Ask again in {wait_s} seconds.",
            retry_after_s=wait_s,
        )


class Unavailable(ApiError):
    status = 503
    kind = "unavailable"
    title = "Searching is not possible now."
