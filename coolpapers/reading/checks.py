"""What can be wrong with the settings of reading, told by ``manage.py check`` before a reader meets it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from coolpapers.reading.summarizers import summarizers
from search.base.backends import UnknownBackend


@register
def check_summarizer(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - as Django calls it
    """The summarizer that answers readers exists and can work."""
    alias = settings.SUMMARIZER
    if alias in ("", "off"):
        return []
    try:
        summarizer = summarizers[alias]
    except (UnknownBackend, ImproperlyConfigured) as exc:
        hint = "COOLPAPERS_SUMMARIZER is off or an entry of SUMMARIZERS: extractive, endpoint."
        return [Error(str(exc), hint=hint, id="reading.E001")]
    if not summarizer.on_demand:
        hint = "Set COOLPAPERS_SUMMARIZER=off to show imported summaries only."
        return [Warning(f"COOLPAPERS_SUMMARIZER={alias} writes no summaries.", hint=hint, id="reading.W001")]
    return [Error(sentence, id="reading.E002") for sentence in summarizer.check()]
