"""Items of readers with an account. Readers without one store the same items in their browser.

All personal state consists of :class:`Item` rows: a star, a note, a member of a collection. Devices write items
independently and sync here. ``changed`` (the device's clock) decides which write of an item wins; ``revision`` (the
server's counter) tells which items a device has not seen. Deleted items stay as tombstones, so that devices learn of
the deletion.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from coolpapers.people.models.kinds import Kind


class ItemQuerySet(models.QuerySet["Item"]):
    def active(self, kind: Kind) -> ItemQuerySet:
        """Items of a kind that are not deleted."""
        return self.filter(kind=kind, deleted=False)


class Item(models.Model):
    """One piece of personal state; see :class:`coolpapers.people.models.kinds.Kind` for ``key`` and ``value``."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Kind])
    key = models.CharField(max_length=300)
    value: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    changed = models.BigIntegerField()  # milliseconds since 1970, by the clock of the device that wrote it
    deleted = models.BooleanField(default=False)
    revision = models.BigIntegerField()  # from the user's SyncCounter; increases with every write

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "key"], name="item_once")]
        indexes = [
            models.Index(fields=["user", "revision"], name="item_user_revision"),
            models.Index(fields=["kind", "key"], name="item_kind_key"),  # all stars of a paper
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.key}"


class SyncCounter(models.Model):
    """The revision counter of a user's items. Its row is locked during writes, which keeps revisions in order."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sync_counter")
    revision = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} @{self.revision}"
