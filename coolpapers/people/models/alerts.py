"""State of e-mail alerts. Each paper is reported once, also if a run is killed.

The life of one mail: a run claims and composes an :class:`OpenMail`, marks it as handed over and sends it.
When the mail server has accepted it, one transaction writes the :class:`SentPaper` rows and the reader's
:class:`AlertState` and deletes the open mail. A run killed before the mark leaves a mail that the next run sends. After
the mark it is unknown whether the server accepted it, and the next run counts it as sent: a mail is sent at most once.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


class AlertState(models.Model):
    """Progress of one reader's alerts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="alert_state"
    )
    checked_at = models.DateTimeField(null=True, blank=True)  # papers that arrived before are checked
    mailed_at = models.DateTimeField(null=True, blank=True)  # the last mail that the server accepted
    stopped_at = models.DateTimeField(null=True, blank=True)  # the reader has unsubscribed
    # By id of the saved search: query, since (ISO 8601; followed from then), told (its problem was reported).
    searches: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)  # why the last attempt failed
    n_failures = models.PositiveIntegerField(default=0)  # in a row

    def __str__(self) -> str:
        return f"{self.user_id} {self.checked_at}"


class OpenMail(models.Model):
    """A reader's mail until the server has accepted it; one per reader. ``message_id`` is empty until composed."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="open_alert"
    )
    message_id = models.CharField(max_length=250, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    keys: models.JSONField[Any, Any] = models.JSONField(default=list)  # of the papers it reports
    searches: models.JSONField[Any, Any] = models.JSONField(default=dict)  # becomes AlertState.searches once sent
    checked_at = models.DateTimeField(null=True)  # becomes AlertState.checked_at once sent
    claim = models.CharField(max_length=120, blank=True)  # of the run that holds the lease: "<host>:<process id>"
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # 1 from just before the mail server gets it

    def __str__(self) -> str:
        return f"{self.user_id} {self.message_id}"


class SentPaper(models.Model):
    """A paper reported to a reader; deleted when it is too old to count as new again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sent_papers")
    key = models.CharField(max_length=200)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="sent_paper_once")]
        indexes = [models.Index(fields=["user", "sent_at"], name="sent_paper_user_at")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
