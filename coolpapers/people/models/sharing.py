"""Collections shared by link."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

TOKEN_BYTES = 16  # 128 bits: cannot be guessed


def make_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


class SharedCollection(models.Model):
    """The link to one collection; deleting the row revokes it. ``collection`` is the key of the owner's item."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shared_collections")
    collection = models.CharField(max_length=300)
    token = models.CharField(max_length=40, unique=True, default=make_token)
    with_notes = models.BooleanField(default=False)  # show the owner's notes on papers
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "collection"], name="shared_collection_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.collection}"
