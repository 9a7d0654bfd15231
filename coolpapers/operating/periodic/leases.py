"""Leases in the database: of several machines one does something, and another one goes on when it is gone.

Times are those of the database's clock, so that the clocks of the machines do not matter.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from coolpapers.operating.models import Lease


def take_lease(name: str, holder: str, *, for_s: float) -> bool:
    """Take or renew a lease for so many seconds; False if another holder has it. Raises DatabaseError."""
    until = models.ExpressionWrapper(Now() + timedelta(seconds=for_s), output_field=models.DateTimeField())
    free = models.Q(holder=holder) | models.Q(expires_at__lt=Now())
    if Lease.objects.filter(free, name=name).update(holder=holder, expires_at=until):
        return True
    if Lease.objects.filter(name=name).exists():
        return False
    try:
        with transaction.atomic():
            Lease.objects.create(name=name, holder=holder, expires_at=until)
    except IntegrityError:  # another machine was faster
        return False
    return True


def release_lease(name: str, holder: str) -> None:
    """Let another holder take it at once. Raises DatabaseError."""
    Lease.objects.filter(name=name, holder=holder).delete()
