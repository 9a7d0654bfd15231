"""Invitations to create an account, and deletion of an account with all its data."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import transaction
from django.db.models.signals import post_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.crypto import salted_hmac

from coolpapers.people.models import UsedInvitation

INVITATION_S = 14 * 86_400  # seconds for which an invitation is valid
_SALT = "coolpapers.invitation"


def make_invitation(name: str) -> str:
    """A signed token with which one account of this name can be created."""
    return signing.dumps([name, time.time()], salt=_SALT)


def read_invitation(token: str) -> str | None:
    """The name of an invitation; None if it is invalid, expired or used.

    It is used as soon as there is an account of its name, whoever created it, and stays used when that account is
    renamed or deleted. Later invitations to the name are valid.
    """
    try:
        content = signing.loads(token, salt=_SALT, max_age=INVITATION_S)
    except signing.BadSignature:
        return None
    # Invitations of former versions have no time: they are older than all that is recorded.
    name, made_at = (content, 0.0) if isinstance(content, str) else content
    used = UsedInvitation.objects.filter(digest=_digest(name), used_at__gte=datetime.fromtimestamp(made_at, UTC))
    is_used = User.objects.filter(username__iexact=name).exists() or used.exists()
    return None if is_used else str(name)


@receiver(post_delete, sender=User)
def _note_deleted(instance: User, **_values: Any) -> None:
    _use_invitations(instance.username)


@receiver(pre_save, sender=User)
def _note_renamed(instance: User, update_fields: frozenset[str] | None = None, **_values: Any) -> None:
    if instance.pk is None or (update_fields is not None and "username" not in update_fields):
        return
    for former in User.objects.filter(pk=instance.pk).exclude(username=instance.username):
        _use_invitations(former.username)


def _use_invitations(name: str) -> None:
    """Record that an account had this name."""
    UsedInvitation.objects.update_or_create(digest=_digest(name), defaults={"used_at": timezone.now()})


def delete_expired_records() -> int:
    """Delete the records of names whose former invitations have all expired; return their number."""
    end = timezone.now() - timedelta(seconds=INVITATION_S)
    n_deleted, _by_table = UsedInvitation.objects.filter(used_at__lt=end).delete()
    return n_deleted


def _digest(name: str) -> str:
    """Keyed by the site's secret, which signs the invitations too: when it changes, they are invalid."""
    return salted_hmac(_SALT, name.lower(), algorithm="sha256").hexdigest()


def delete_account(user: User) -> None:
    """Delete an account, its items, and its sessions on all devices."""
    with transaction.atomic():
        for session in Session.objects.iterator():
            if session.get_decoded().get("_auth_user_id") == str(user.pk):
                session.delete()
        user.delete()
