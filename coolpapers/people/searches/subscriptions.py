"""The link at the end of each mail that stops them, for whoever holds the mail: no sign-in, no expiry.

It carries the reader's number, signed, and can do nothing but stop these mails and start them again.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.urls import reverse

from coolpapers.people.models import AlertState, OpenMail

_SALT = "coolpapers.people.alerts"  # not the module's path: links in mails already sent stay valid


def stop_token(user: User) -> str:
    return signing.Signer(salt=_SALT).sign(str(user.pk))


def stop_address(user: User) -> str:
    """The whole address, as a mail needs it."""
    return settings.SITE_URL + reverse("collections:stop_alerts", args=[stop_token(user)])


def read_token(token: str) -> User | None:
    """The reader whom a token names; None for one that we did not sign, or of an account that is gone."""
    try:
        pk = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()


def stop_alerts(user: User, *, now: datetime) -> None:
    """No more mails; one that is being composed is not sent either."""
    AlertState.objects.update_or_create(user=user, defaults={"stopped_at": now})
    OpenMail.objects.filter(user=user).delete()


def start_alerts(user: User, *, now: datetime) -> None:
    """Mails again. The first one reaches back as far as the overlap of two looks, not to the day they were stopped."""
    AlertState.objects.update_or_create(user=user, defaults={"stopped_at": None, "checked_at": now})
