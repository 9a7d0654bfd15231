"""Summaries, one per paper and language.

The table is also the queue: a *queued* row waits for a worker; a *running* row belongs to the worker in ``claim`` while
its ``heartbeat`` is recent. So requests survive a killed process and need no broker, and the place of a request in the
queue is a count.
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
