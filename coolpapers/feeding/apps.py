from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedingConfig(AppConfig):
    name = "coolpapers.feeding"
    verbose_name = _("Sources")
    default_auto_field = "django.db.models.BigAutoField"
