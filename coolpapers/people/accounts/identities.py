"""Which account an identity of the sign-in server belongs to.

The account is found by issuer and subject alone. An equal e-mail address or name is no evidence: anyone could have
created an account with the address of somebody else before that person signs in for the first time. A reader connects
an existing account by signing in to it first.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from coolpapers.people.accounts.provider import Identity
from coolpapers.people.accounts.roles import Role, role_of, set_role
from coolpapers.people.errors import SignInRefused
from coolpapers.people.models import ProviderIdentity

MAX_NAME = 150  # characters of Django's account names
_NOT_IN_NAMES = re.compile(r"[^\w.@+-]+")
ATTEMPTS = 20


def find_account(identity: Identity, *, librarians: Collection[str] = ()) -> User:
    """The identity's account, created at its first sign-in. Raises SignInRefused.

    ``librarians`` are the groups whose members are librarians; if there are none, roles stay as they are.
    """
    known = ProviderIdentity.objects.select_related("user").filter(issuer=identity.issuer, subject=identity.subject)
    found = known.first()
    if found is None and not settings.OIDC_CREATE:
        raise SignInRefused(_("There is no account for you yet. Ask a librarian for an invitation."))
    user = found.user if found is not None else _create(identity)
    if not user.is_active:
        raise SignInRefused(_("This account is closed."))
    if librarians:
        _follow_groups(user, is_librarian=not set(librarians).isdisjoint(identity.groups))
    return user


def connect(user: User, identity: Identity) -> None:
    """Let the identity sign in to this account from now on. Raises SignInRefused if it belongs to another one."""
    stored, _is_new = ProviderIdentity.objects.get_or_create(
        issuer=identity.issuer, subject=identity.subject, defaults={"user": user}
    )
    if stored.user_id != user.pk:
        raise SignInRefused(_("This identity belongs to another account of this site."))


def _create(identity: Identity) -> User:
    """A new account. Names are tried in turn, because another one may be created at the same time."""
    base = account_name(identity)
    for number in range(1, ATTEMPTS + 1):
        name = base if number == 1 else f"{base[: MAX_NAME - 4]}-{number}"
        if User.objects.filter(username__iexact=name).exists():
            continue
        try:
            with transaction.atomic():
                user = User.objects.create_user(name, identity.email[:254])
                ProviderIdentity.objects.create(user=user, issuer=identity.issuer, subject=identity.subject)
        except IntegrityError:
            stored = ProviderIdentity.objects.filter(issuer=identity.issuer, subject=identity.subject).first()
            if stored is not None:
                return stored.user
        else:
            return user
    raise SignInRefused(_("There are too many accounts of your name. Ask a librarian for an invitation."))


def account_name(identity: Identity) -> str:
    """A valid name for the account of an identity: what the reader is called there, else the address, else the id."""
    for text in (identity.name, identity.email.partition("@")[0], identity.subject):
        name = _NOT_IN_NAMES.sub("-", text).strip("-")[:MAX_NAME]
        if name:
            return name
    return "reader"


def _follow_groups(user: User, *, is_librarian: bool) -> None:
    """Make members of the librarians' groups librarians, and those who left them readers. Administrators stay."""
    role = Role.LIBRARIAN if is_librarian else Role.READER
    if role_of(user) not in (role, Role.ADMIN):
        set_role(user, role)
