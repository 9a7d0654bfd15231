"""Subscribe and unsubscribe readers to e-mail alerts; the unsubscribe link needs no sign-in and never expires.

The token of the link is the signed id of the reader. It only allows stopping and restarting the alerts.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.urls import reverse

from coolpapers.people.models import AlertState, OpenMail

_SALT = "coolpapers.people.alerts"  # fixed, independent of the module path: links in sent mails stay valid


def unsubscribe_token(user: User) -> str:
    return signing.Signer(salt=_SALT).sign(str(user.pk))


def unsubscribe_address(user: User) -> str:
    """The absolute address, for mails."""
    return settings.SITE_URL + reverse("collections:unsubscribe", args=[unsubscribe_token(user)])


def read_token(token: str) -> User | None:
    """The reader of a token; None if the signature is invalid or the account was deleted."""
    try:
        pk = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()


def stop_alerts(user: User, *, now: datetime) -> None:
    """Turn the alerts off; a mail that is not sent yet is discarded."""
    AlertState.objects.update_or_create(user=user, defaults={"stopped_at": now})
    OpenMail.objects.filter(user=user).delete()


def start_alerts(user: User, *, now: datetime) -> None:
    """Turn the alerts on. The first check reaches back by the overlap of two checks, not to the time of the stop."""
    AlertState.objects.update_or_create(user=user, defaults={"stopped_at": None, "checked_at": now})
