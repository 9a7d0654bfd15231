from __future__ import annotations

from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "coolpapers.papers"
    label = "papers"
