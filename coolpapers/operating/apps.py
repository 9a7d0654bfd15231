from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperatingConfig(AppConfig):
    name = "coolpapers.operating"
    label = "operating"
    verbose_name = _("Operating")
