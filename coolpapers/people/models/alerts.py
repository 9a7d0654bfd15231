"""What the site remembers of mails with new papers: each paper is told once, and a killed run tells nothing twice.

One mail takes this way: an :class:`OpenMail` is claimed and composed, the mail server is asked to take the mail, and
when it has said yes, :class:`SentPaper` rows and the reader's :class:`AlertState` are written and the open mail is
deleted, in one transaction. A run killed in between leaves the open mail. Whether the server had taken it is then
not known, so the same mail goes out again under the same Message-ID, by which mail programs know a double:
a mail too many does less harm than papers that are never told.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


class AlertState(models.Model):
    """How far the mails of one reader have come."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="alert_state"
    )
    checked_at = models.DateTimeField(null=True, blank=True)  # papers that came in before have been looked at
    mailed_at = models.DateTimeField(null=True, blank=True)  # the last mail that the server took
    stopped_at = models.DateTimeField(null=True, blank=True)  # the reader wants no mails
    # By id of the saved search: its query, since when (ISO) it is followed, whether its problem has been told.
    searches: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)  # why the last attempt failed
    n_failures = models.PositiveIntegerField(default=0)  # in a row

    def __str__(self) -> str:
        return f"{self.user_id} {self.checked_at}"


class OpenMail(models.Model):
    """A mail as composed, until the server has taken it; one a reader. Being composed, it has no ``message_id``."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="open_alert"
    )
    message_id = models.CharField(max_length=250, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    keys: models.JSONField[Any, Any] = models.JSONField(default=list)  # of the papers it tells of
    searches: models.JSONField[Any, Any] = models.JSONField(default=dict)  # AlertState.searches once it is sent
    checked_at = models.DateTimeField(null=True)  # AlertState.checked_at once it is sent
    claim = models.CharField(max_length=120, blank=True)  # of the run that has it in hand: "<host>:<process>"
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} {self.message_id}"


class SentPaper(models.Model):
    """A paper that a reader has been told of; forgotten when it is too old to be found as new again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sent_papers")
    key = models.CharField(max_length=200)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="sent_paper_once")]
        indexes = [models.Index(fields=["user", "sent_at"], name="sent_paper_user_at")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
