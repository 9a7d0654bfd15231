"""Invitations to create an account, and deletion of an account with all its data."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import transaction

INVITATION_S = 14 * 86_400  # seconds for which an invitation is valid
_SALT = "coolpapers.invitation"


def make_invitation(name: str) -> str:
    """A signed token with which one account of this name can be created."""
    return signing.dumps(name, salt=_SALT)


def read_invitation(token: str) -> str | None:
    """The name of an invitation; None if it is invalid, expired or used."""
    try:
        name = signing.loads(token, salt=_SALT, max_age=INVITATION_S)
    except signing.BadSignature:
        return None
    is_used = User.objects.filter(username__iexact=name).exists()
    return None if is_used else str(name)


def delete_account(user: User) -> None:
    """Delete an account, its items, and its sessions on all devices."""
    with transaction.atomic():
        for session in Session.objects.iterator():
            if session.get_decoded().get("_auth_user_id") == str(user.pk):
                session.delete()
        user.delete()
