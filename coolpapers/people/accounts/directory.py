"""Sign-in with names and passwords of an LDAP directory, through django-auth-ldap (extra ``coolpapers[ldap]``).

Passwords of this site are tried first, so that administrators can sign in while the directory is down. An entry of the
directory is an identity like one of an OpenID Connect provider: it never takes over an account of the same name
(:mod:`coolpapers.people.accounts.identities`).
"""

from __future__ import annotations

from typing import Any

import ldap
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.dispatch import receiver
from django_auth_ldap.backend import LDAPBackend, LDAPSettings, ldap_error
from django_auth_ldap.config import LDAPSearch
from ldap.filter import filter_format

from coolpapers.people.accounts.identities import find_account
from coolpapers.people.accounts.provider import Identity
from coolpapers.people.errors import ProviderUnreachable

TIMEOUT_S = 10  # of each request to the directory, which a reader waits for
# Groups name their members by distinguished name or by account name.
_MEMBER = "(|(member=%s)(uniqueMember=%s)(memberUid=%s))"


class DirectoryBackend(LDAPBackend):  # type: ignore[misc] # the package has no types
    """An authentication backend of Django. Raises SignInRefused, ProviderUnreachable."""

    @property
    def settings(self) -> Any:
        """The package's settings, made of ours."""
        values = LDAPSettings("AUTH_LDAP_")
        values.SERVER_URI = settings.LDAP_URL
        values.START_TLS = settings.LDAP_STARTTLS
        values.BIND_DN, values.BIND_PASSWORD = settings.LDAP_BIND_DN, settings.LDAP_BIND_PASSWORD
        values.USER_SEARCH = LDAPSearch(settings.LDAP_USERS, ldap.SCOPE_SUBTREE, settings.LDAP_FILTER)
        values.ALWAYS_UPDATE_USER = False
        values.CONNECTION_OPTIONS = {
            ldap.OPT_NETWORK_TIMEOUT: TIMEOUT_S,
            ldap.OPT_TIMEOUT: TIMEOUT_S,
            ldap.OPT_REFERRALS: 0,
        }
        if settings.LDAP_CA_FILE:
            values.CONNECTION_OPTIONS |= {ldap.OPT_X_TLS_CACERTFILE: settings.LDAP_CA_FILE, ldap.OPT_X_TLS_NEWCTX: 0}
        return values

    def get_or_build_user(self, username: str, ldap_user: Any) -> tuple[User, bool]:
        """The account of a directory's entry whose password was right."""
        is_librarian = bool(settings.LDAP_LIBRARIANS) and _is_member(ldap_user, username)
        identity = Identity(
            issuer=settings.LDAP_URL,
            subject=str(ldap_user.dn).lower(),
            name=username,
            email=str((ldap_user.attrs.get("mail") or [""])[0]),
            groups=(settings.LDAP_LIBRARIANS,) if is_librarian else (),
        )
        return find_account(identity, librarians=[settings.LDAP_LIBRARIANS] if settings.LDAP_LIBRARIANS else []), False

    def get_user(self, user_id: Any) -> User | None:
        """The reader of a session; none once the account is closed, which the package's own method ignores."""
        return ModelBackend().get_user(user_id)


def _is_member(ldap_user: Any, username: str) -> bool:
    """Whether the librarians' group names this entry."""
    pattern = filter_format(_MEMBER, [ldap_user.dn, ldap_user.dn, username])
    try:
        found = ldap_user.connection.search_s(settings.LDAP_LIBRARIANS, ldap.SCOPE_BASE, pattern, ["cn"])
    except ldap.NO_SUCH_OBJECT:
        return False
    return bool(found)


@receiver(ldap_error)
def report_failure(exception: Exception, **_values: Any) -> None:
    """The package takes a directory that is down for a wrong password; readers are told which it is."""
    raise ProviderUnreachable(f"The LDAP directory {settings.LDAP_URL} failed: {exception!r}") from exception
