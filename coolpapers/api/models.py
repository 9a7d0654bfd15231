"""Tokens by which programs are known.

The token itself is shown once and not kept: what is stored is its SHA-256, which for 256 random bits needs no salt and
no slow hash.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

PREFIX = "cp_"  # by which people and secret scanners know what they found
SHOWN_LETTERS = 8


class Scope(models.TextChoices):
    READ = "read", _("Read only")
    LIBRARY = "library", _("Read, star and collect")


class ApiToken(models.Model):
    """One program of one person. ``beginning`` is what a list shows of the token."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80, help_text=_("What uses the token, such as “laptop assistant”."))
    scope = models.CharField(max_length=12, choices=Scope.choices, default=Scope.READ)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    beginning = models.CharField(max_length=len(PREFIX) + SHOWN_LETTERS, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("API token")

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    def keep_text(self, text: str) -> None:
        """Remember what the text can be known by."""
        self.digest, self.beginning = digest_of(text), text[: len(PREFIX) + SHOWN_LETTERS]

    @property
    def may_write(self) -> bool:
        """Whether it may star and collect for its owner."""
        return self.scope == Scope.LIBRARY


def make_token(**values: Any) -> tuple[ApiToken, str]:
    """A saved token and its text, which cannot be had again. ``values``: user, name, scope."""
    text = new_text()
    token = ApiToken(**values)
    token.keep_text(text)
    token.save()
    return token, text


def new_text() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find_token(text: str) -> ApiToken | None:
    """The token of an active user with this text."""
    if not text.startswith(PREFIX) or len(text) > 200:
        return None
    return ApiToken.objects.select_related("user").filter(digest=digest_of(text), user__is_active=True).first()
