from __future__ import annotations

from django.apps import AppConfig


class FindingConfig(AppConfig):
    name = "coolpapers.finding"
    label = "finding"
