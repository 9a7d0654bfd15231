"""What the machines of a site agree on."""

from __future__ import annotations

from django.db import models


class Lease(models.Model):
    """``holder`` alone does what ``name`` says until ``expires_at``, by the clock of the database."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"
