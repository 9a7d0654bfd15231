"""Identities at the institution's sign-in server, each of one account."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderIdentity(models.Model):
    """A subject of an OpenID Connect issuer; the pair never changes and is never reassigned (OIDC Core 1.0, 5.7)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="provider_identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="provider_identity_once")]
        verbose_name = _("sign-in identity")
        verbose_name_plural = _("sign-in identities")

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"
