"""What the machines of a site agree on, and what audits found out."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Lease(models.Model):
    """``holder`` alone does what ``name`` says until ``expires_at``, by the clock of the database."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"


class AuditedDay(models.Model):
    """How many papers a repository lists for a day, by its own date of their last change, and which are missing here.

    A later audit of the day replaces the row.
    """

    location = models.CharField(max_length=400)  # address of the repository and its set
    day = models.DateField(db_index=True)
    n_listed = models.PositiveIntegerField()
    n_missing = models.PositiveIntegerField()
    missing = models.JSONField(default=list)  # keys of the first ones
    checked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("audited day")
        verbose_name_plural = _("audited days")
        constraints = [models.UniqueConstraint(fields=["location", "day"], name="audited_day_once")]

    def __str__(self) -> str:
        return f"{self.location} {self.day}"


class SiteChoice(models.Model):
    """A setting that administrators choose on a page. The environment variable of the setting goes before it."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("choice for the site")
        verbose_name_plural = _("choices for the site")

    def __str__(self) -> str:
        return f"{self.name}={self.value}"
