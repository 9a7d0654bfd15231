"""Accounts come and go: invitations, and deletion with everything that belongs to an account."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import transaction

INVITATION_S = 14 * 86_400  # seconds that an invitation may be used
_SALT = "coolpapers.invitation"


def make_invitation(name: str) -> str:
    """A signed word by which one account of this name can be made."""
    return signing.dumps(name, salt=_SALT)


def read_invitation(word: str) -> str | None:
    """The name that an invitation is for; None where it is none, too old, or has been used."""
    try:
        name = signing.loads(word, salt=_SALT, max_age=INVITATION_S)
    except signing.BadSignature:
        return None
    is_used = User.objects.filter(username__iexact=name).exists()
    return None if is_used else str(name)


def delete_account(user: User) -> None:
    """Delete an account, all its items, and its sessions on every device."""
    with transaction.atomic():
        for session in Session.objects.iterator():
            if session.get_decoded().get("_auth_user_id") == str(user.pk):
                session.delete()
        user.delete()
