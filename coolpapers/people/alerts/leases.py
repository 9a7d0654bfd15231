"""Leases on a reader's open mail: one run at a time may send it, and the lease of a killed run expires."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from coolpapers.people.models import OpenMail

# A claim older than this belongs to a lost run: sending one mail takes seconds (EMAIL_TIMEOUT per step).
LEASE = timedelta(minutes=10)


def claim_mail(user: User, *, now: datetime) -> OpenMail | None:
    """Claim the reader's open mail for this process; None if another run holds the lease."""
    own_lease = {"claim": process_claim(), "claimed_at": now}
    mail, is_new = OpenMail.objects.get_or_create(user=user, defaults=own_lease)
    if is_new:
        return mail
    if is_leased(mail, now=now):
        return None
    unchanged = OpenMail.objects.filter(pk=mail.pk, claim=mail.claim, claimed_at=mail.claimed_at)
    if not unchanged.update(**own_lease):
        return None
    return OpenMail.objects.filter(pk=mail.pk).first()


def release(mail: OpenMail) -> None:
    """End the lease, so that the next run can claim the mail at once."""
    OpenMail.objects.filter(pk=mail.pk, claim=mail.claim).update(claim="", claimed_at=None)


def process_claim() -> str:
    """The claim of this process: host and process id."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


def is_leased(mail: OpenMail, *, now: datetime) -> bool:
    """Whether a run holds the mail: a run of another host until its lease expires, one of this host while it lives."""
    if mail.claimed_at is None or now - mail.claimed_at > LEASE:
        return False
    host, _, pid = mail.claim.rpartition(":")
    return host != socket.gethostname()[:80] or not pid.isdigit() or _is_running(int(pid))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # the process exists and belongs to another user
    return True
