"""Whose turn a reader's mail is: one run at a time has it in hand, and a killed one does not keep it."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from coolpapers.people.models import OpenMail

# A claim older than this is of a run that was lost; sending one mail takes seconds (EMAIL_TIMEOUT a step).
LEASE = timedelta(minutes=10)


def claim_mail(user: User, *, now: datetime) -> OpenMail | None:
    """The reader's open mail, ours from now on; None where another run has it in hand."""
    mine = {"claim": own_claim(), "claimed_at": now}
    mail, is_new = OpenMail.objects.get_or_create(user=user, defaults=mine)
    if is_new:
        return mail
    if is_held(mail, now=now):
        return None
    unchanged = OpenMail.objects.filter(pk=mail.pk, claim=mail.claim, claimed_at=mail.claimed_at)
    if not unchanged.update(**mine):
        return None
    return OpenMail.objects.filter(pk=mail.pk).first()


def give_back(mail: OpenMail, *, n_attempts: int | None = None) -> None:
    """Let the next run have the mail at once."""
    changes = {} if n_attempts is None else {"attempts": n_attempts}
    OpenMail.objects.filter(pk=mail.pk, claim=mail.claim).update(claim="", claimed_at=None, **changes)


def own_claim() -> str:
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


def is_held(mail: OpenMail, *, now: datetime) -> bool:
    """Whether a run is at it: one of another machine until its lease ends, one of ours while its process lives."""
    if mail.claimed_at is None or now - mail.claimed_at > LEASE:
        return False
    host, _, pid = mail.claim.rpartition(":")
    return host != socket.gethostname()[:80] or not pid.isdigit() or _lives(int(pid))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is there, of another user
    return True
