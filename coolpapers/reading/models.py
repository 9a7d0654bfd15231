"""Summaries, one per paper and language; PDFs that are fetched; what the administrators decided for the site.

The table of summaries is also the queue: a *queued* row waits for a worker; a *running* row belongs to the worker in
``claim`` while its ``heartbeat`` is recent. So requests survive a killed process and need no broker, and the place of a
request in the queue is a count.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from coolpapers.papers.models import Paper


class Summary(models.Model):
    """A question-and-answer digest in Markdown with LaTeX.

    ``markdown`` holds a finished text only. While a new one is written, the page shows ``partial``, and an older
    ``markdown`` stays until the new one is finished.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being written")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="summaries")
    language = models.CharField(max_length=12)  # see languages.summary_language
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    markdown = models.TextField(blank=True)
    source = models.CharField(max_length=40, blank=True)  # key in settings.SUMMARIZERS of the writer of ``markdown``
    label = models.CharField(max_length=200, blank=True)  # the model, or the source of an import
    kind = models.CharField(max_length=20, blank=True)  # of imports: llm, human
    partial = models.TextField(blank=True)
    n_done = models.PositiveSmallIntegerField(default=0)  # questions answered
    n_total = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)  # for readers: why the last attempt failed
    priority = models.BigIntegerField(default=0)  # the paper's date as a day number: new papers first
    claim = models.CharField(max_length=40, blank=True)  # token of the worker that writes it
    attempts = models.PositiveSmallIntegerField(default=0)  # workers that started and did not finish
    requested_at = models.DateTimeField()
    heartbeat = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = _("summaries")
        constraints = [models.UniqueConstraint(fields=["paper", "language"], name="summary_once")]
        indexes = [
            # Partial: the queue stays fast however many summaries are finished.
            models.Index(
                fields=["-priority", "requested_at", "id"],
                name="summary_queue",
                condition=models.Q(status__in=["queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} {self.language} {self.status}"

    @property
    def is_open(self) -> bool:
        """Whether it is queued or running."""
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)


class SitePreference(models.Model):
    """A decision of the site's administrators. Without a row nobody has decided yet."""

    class Name(models.TextChoices):
        FETCH_PDFS = "fetch-pdfs", _("fetch PDFs from their sources when a reader asks for one")

    name = models.CharField(max_length=40, primary_key=True, choices=Name)
    is_on = models.BooleanField()

    class Meta:
        verbose_name_plural = _("site preferences")

    def __str__(self) -> str:
        return f"{self.name}={'on' if self.is_on else 'off'}"


class PdfFetch(models.Model):
    """A PDF that a reader asked to be fetched, by the address at its source.

    A *running* row whose ``heartbeat`` is old belonged to a killed worker: another one takes it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being fetched")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    url_hash = models.CharField(max_length=64, primary_key=True)  # SHA-256; an address may be too long for an index
    url = models.TextField()
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    n_bytes = models.PositiveBigIntegerField(default=0)
    n_total = models.PositiveBigIntegerField(default=0)  # 0 where the source does not say it
    error = models.TextField(blank=True)  # for readers
    requested_at = models.DateTimeField()
    heartbeat = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = _("fetched PDFs")
        indexes = [
            models.Index(
                fields=["requested_at"], name="pdf_fetch_queue", condition=models.Q(status__in=["queued", "running"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.url} {self.status}"

    @property
    def is_open(self) -> bool:
        """Whether it is queued or running."""
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def percent(self) -> int | None:
        """How much of it is here; None where that is unknown."""
        return min(100, self.n_bytes * 100 // self.n_total) if self.n_total else None
