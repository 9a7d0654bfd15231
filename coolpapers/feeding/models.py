"""Sources that are harvested by schedule, papers that readers ask for, files that they upload."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class FeedSource(models.Model):
    """Where papers come from, when, and what became of the last harvest."""

    class Kind(models.TextChoices):
        ARXIV = "arxiv", _("arXiv (sets such as cs or math)")
        OAI = "oai", _("OAI-PMH repository")
        SITE = "site", _("another site of this software")
        ACL = "acl", _("ACL Anthology (events such as acl or emnlp)")
        OPENREVIEW = "openreview", _("OpenReview (venue ids)")
        BIORXIV = "biorxiv", _("bioRxiv or medRxiv")
        FEED = "feed", _("RSS or Atom feed")
        FOLDER = "folder", _("watched folder on the server")

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    address = models.CharField(
        _("address"),
        max_length=500,
        blank=True,
        help_text=_("Empty: the usual one. A folder is named relative to the site's folder for incoming files."),
    )
    selection = models.CharField(
        _("selection"), max_length=500, blank=True, help_text=_("Sets, events or venues, separated by blanks.")
    )
    since = models.DateField(
        _("from day"), null=True, blank=True, help_text=_("Where the first harvest begins; empty: a week ago.")
    )
    hour = models.PositiveSmallIntegerField(
        _("hour"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(23)],
        help_text=_("Of the day, in the site's time zone; empty: every hour."),
    )
    interval_s = models.FloatField(_("seconds between requests"), default=3.0, validators=[MaxValueValidator(600.0)])
    is_active = models.BooleanField(_("active"), default=True)

    cursor = models.JSONField(default=dict, blank=True, editable=False)  # how far the harvest came, by kind
    claimed_until = models.DateTimeField(null=True, editable=False)  # a worker is at it
    started_at = models.DateTimeField(null=True, editable=False)  # of the last run
    finished_at = models.DateTimeField(null=True, editable=False)  # of the last complete harvest
    retry_at = models.DateTimeField(null=True, editable=False)  # after a failure
    n_failures = models.PositiveIntegerField(default=0, editable=False)  # one after the other
    error = models.TextField(blank=True, editable=False)
    n_added = models.PositiveIntegerField(default=0, editable=False)  # of the last complete harvest, as below
    n_changed = models.PositiveIntegerField(default=0, editable=False)
    n_refused = models.PositiveIntegerField(default=0, editable=False)
    refusals = models.JSONField(default=list, editable=False)  # the first of them, in words

    class Meta:
        ordering = ("name",)
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.name


class PaperRequest(models.Model):
    """A paper that a reader asked to be fetched, by its identifier.

    A *running* row whose ``heartbeat`` is old belonged to a killed worker: another one takes it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being fetched")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    key = models.CharField(max_length=520, primary_key=True)  # of the identifier: doi:10.1000/xyz
    source = models.CharField(max_length=30)
    value = models.CharField(max_length=500)
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    error = models.CharField(max_length=200, blank=True)  # for readers, in English
    requested_at = models.DateTimeField(db_index=True)
    heartbeat = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("requested paper")
        verbose_name_plural = _("requested papers")

    def __str__(self) -> str:
        return f"{self.key} {self.status}"

    @property
    def is_open(self) -> bool:
        """Whether it is queued or running."""
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)


class Upload(models.Model):
    """A file that waits to be read, or was read, and what became of it.

    A *running* row whose ``heartbeat`` is old belonged to a killed worker: another one takes it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being read")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    class Target(models.TextChoices):
        SHELF = "shelf", _("own shelf")
        LIBRARY = "library", _("library")

    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=200)
    target = models.CharField(max_length=8, choices=Target)
    source = models.CharField(max_length=30)  # the format, by its name in PAPER_SOURCES
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    n_bytes = models.PositiveBigIntegerField(default=0)
    percent = models.PositiveSmallIntegerField(default=0)
    n_added = models.PositiveIntegerField(default=0)  # of a shelf: papers of the library
    n_changed = models.PositiveIntegerField(default=0)  # of a shelf: new private entries
    n_skipped = models.PositiveIntegerField(default=0)
    n_refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list, blank=True)  # the first of them, in words
    error = models.CharField(max_length=500, blank=True)  # for the reader
    requested_at = models.DateTimeField(db_index=True)
    heartbeat = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.status}"

    @property
    def is_open(self) -> bool:
        """Whether it is queued or running."""
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)


class PrivateEntry(models.Model):
    """A reference on a reader's own shelf that is no paper of the library. No search and no other reader finds it."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="private_entries")
    key = models.CharField(max_length=200)  # of its record
    title = models.TextField()
    authors = models.JSONField(default=list)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    container = models.CharField(max_length=400, blank=True)  # journal or proceedings
    doi = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=500, blank=True)
    has_file = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = _("private entries")
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="private_entry_once")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.key}"
