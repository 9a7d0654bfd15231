"""Sign-in by an OpenID Connect provider: what the provider says about the reader.

Authlib does the protocol: discovery, authorisation code with PKCE (RFC 7636), state and nonce, signature, issuer,
audience and expiry of the ID token. Start at :func:`send_to_provider` and :func:`read_answer`. Which account an
identity belongs to is decided in :mod:`coolpapers.people.accounts.identities`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from coolpapers.people.errors import ProviderUnreachable, SignInRefused

logger = logging.getLogger(__name__)

TIMEOUT_S = 10  # of each request to the provider, which a reader waits for


@dataclass(frozen=True, slots=True)
class Identity:
    """Claims of a verified ID token and of the userinfo endpoint. ``issuer`` and ``subject`` identify the reader."""

    issuer: str
    subject: str
    name: str = ""
    email: str = ""
    groups: tuple[str, ...] = ()


def is_provider_set() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def send_to_provider(request: HttpRequest, return_address: str) -> HttpResponse:
    """A redirect to the provider's sign-in page. Raises ProviderUnreachable."""
    with _Failures():
        response: HttpResponse = _client().authorize_redirect(request, return_address)
        return response


def read_answer(request: HttpRequest) -> Identity:
    """The identity that the provider's redirect proves. Raises ProviderUnreachable, SignInRefused."""
    with _Failures():
        token = _client().authorize_access_token(request)
        claims = dict(token.get("userinfo") or {})
        if not claims.get("sub"):
            raise ProviderUnreachable("The answer has no ID token with a subject.")
        return _read_claims({**_userinfo(token, claims), **claims})


def _userinfo(token: Any, claims: dict[str, Any]) -> dict[str, Any]:
    """Claims of the userinfo endpoint, which many providers keep out of the ID token; empty if it has none."""
    if "userinfo_endpoint" not in _client().load_server_metadata():
        return {}
    found = dict(_client().userinfo(token=token))
    # Else it may be of another reader (OIDC Core 1.0, 5.3.2).
    return found if found.get("sub") == claims["sub"] else {}


def _read_claims(claims: dict[str, Any]) -> Identity:
    groups = claims.get("groups") or ()
    return Identity(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        name=str(claims.get("preferred_username") or claims.get("nickname") or claims.get("name") or ""),
        email=str(claims.get("email") or "") if claims.get("email_verified", True) else "",
        groups=(groups,) if isinstance(groups, str) else tuple(map(str, groups)),
    )


def _client() -> Any:
    return _make_client(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)


@lru_cache(maxsize=4)  # keeps the provider's description and keys; new keys are fetched when a token names one
def _make_client(issuer: str, client_id: str, secret: str) -> Any:
    try:
        from authlib.integrations.django_client import OAuth
    except ImportError as exc:
        raise ProviderUnreachable("A package is missing: run pip install 'coolpapers[oidc]'.") from exc
    oauth = OAuth()
    return oauth.register(
        "provider",
        client_id=client_id,
        client_secret=secret or None,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_S,
        },
    )


class _Failures:
    """Turns the errors of the protocol and of the network into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: object) -> None:
        if exc is None or isinstance(exc, (ProviderUnreachable, SignInRefused)):
            return
        from authlib.integrations.base_client import MismatchingStateError, OAuthError
        from joserfc.errors import JoseError
        from requests import RequestException

        if isinstance(exc, MismatchingStateError):
            raise SignInRefused(_("The sign-in was started in another browser or too long ago. Try again.")) from exc
        if isinstance(exc, OAuthError):
            logger.warning("The sign-in server refused: %s", exc)
            raise SignInRefused(_("The sign-in was refused or cancelled.")) from exc
        if isinstance(exc, JoseError):
            logger.warning("The answer of the sign-in server cannot be verified: %s", exc)
            raise SignInRefused(_("The answer of the sign-in server cannot be verified.")) from exc
        if isinstance(exc, (RequestException, ValueError, KeyError, RuntimeError)):
            raise ProviderUnreachable(f"{type(exc).__name__}: {exc}") from exc
