"""System checks of the settings of reading, run by ``manage.py check``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from coolpapers.reading.summarizers import summarizers
from search.base.backends import UnknownBackend


@register
def check_summarizer(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """The configured summarizer exists and its settings are valid."""
    alias = settings.SUMMARIZER
    if alias in ("", "off"):
        return []
    try:
        summarizer = summarizers[alias]
    except (UnknownBackend, ImproperlyConfigured) as exc:
        hint = "Set COOLPAPERS_SUMMARIZER to off or an entry of SUMMARIZERS: extractive, endpoint."
        return [Error(str(exc), hint=hint, id="reading.E001")]
    if not summarizer.on_demand:
        hint = "Set COOLPAPERS_SUMMARIZER=off to show imported summaries only."
        return [Warning(f"COOLPAPERS_SUMMARIZER={alias} writes no summaries.", hint=hint, id="reading.W001")]
    return [Error(sentence, id="reading.E002") for sentence in summarizer.check()]
