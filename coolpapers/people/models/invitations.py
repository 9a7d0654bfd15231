"""Invitations that can no longer be used, because there was an account of their name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class UsedInvitation(models.Model):
    """The invitations to a name that were made until ``used_at``.

    ``digest`` is a keyed hash of the name, so that the names of deleted accounts are not kept.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    used_at = models.DateTimeField()

    class Meta:
        verbose_name = _("used invitation")
        verbose_name_plural = _("used invitations")

    def __str__(self) -> str:
        return self.digest
