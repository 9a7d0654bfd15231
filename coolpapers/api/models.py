"""API tokens, which authenticate programs.

A token is shown once and not stored. The table holds its SHA-256 digest; 256 random bits need neither a salt nor a slow
hash.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

PREFIX = "cp_"  # identifies the tokens of this site to people and secret scanners
SHOWN_LETTERS = 8


class Scope(models.TextChoices):
    READ = "read", _("Read only")
    LIBRARY = "library", _("Read, star and collect")


class ApiToken(models.Model):
    """The token of one program of one user. ``beginning`` is its prefix, shown in lists."""

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

    def set_text(self, text: str) -> None:
        """Store the digest and the prefix of the token's text."""
        self.digest, self.beginning = digest_of(text), text[: len(PREFIX) + SHOWN_LETTERS]

    @property
    def may_write(self) -> bool:
        """Whether the token may change its owner's stars and collections."""
        return self.scope == Scope.LIBRARY


def make_token(**values: Any) -> tuple[ApiToken, str]:
    """Create a token; return it with its text, which cannot be recovered later. ``values``: user, name, scope."""
    text = new_token_text()
    token = ApiToken(**values)
    token.set_text(text)
    token.save()
    return token, text


def new_token_text() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find_token(text: str) -> ApiToken | None:
    """The token of an active user with this text."""
    if not text.startswith(PREFIX) or len(text) > 200:
        return None
    return ApiToken.objects.select_related("user").filter(digest=digest_of(text), user__is_active=True).first()
