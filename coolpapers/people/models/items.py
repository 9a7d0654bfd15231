"""What readers with an account keep here. Readers without one keep the same items in their browser.

Everything personal is an :class:`Item`: a star, a note, a member of a collection. Devices write items by
themselves and meet here; ``changed`` (the device's clock) decides which write of an item is the last, ``revision``
(ours) which items a device has not seen yet. What is deleted stays as a tombstone, so that devices learn of it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from coolpapers.people.models.kinds import Kind


class ItemQuerySet(models.QuerySet["Item"]):
    def kept(self, kind: Kind) -> ItemQuerySet:
        """Items of a kind that are not deleted."""
        return self.filter(kind=kind, deleted=False)


class Item(models.Model):
    """One thing that a reader keeps; see :class:`coolpapers.people.models.kinds.Kind` for ``key`` and ``value``."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Kind])
    key = models.CharField(max_length=300)
    value: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    changed = models.BigIntegerField()  # milliseconds since 1970, by the clock of the device that wrote it
    deleted = models.BooleanField(default=False)
    revision = models.BigIntegerField()  # of the user's shelf; grows with every write

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "key"], name="item_once")]
        indexes = [
            models.Index(fields=["user", "revision"], name="item_user_revision"),
            models.Index(fields=["kind", "key"], name="item_kind_key"),  # stars of a paper, by everyone
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.key}"


class Shelf(models.Model):
    """The counter of a user's items. Its row is locked while items are written, so revisions come in order."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shelf")
    revision = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} @{self.revision}"
