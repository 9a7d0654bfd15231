"""Summarizers, one module and one entry of ``settings.SUMMARIZERS`` each; ``base.py`` defines their interface."""

from __future__ import annotations

from coolpapers.reading.summarizers.base import Progress, Summarizer, SummaryText
from search.base.backends import BackendHandler

__all__ = ["Progress", "Summarizer", "SummaryText", "summarizers"]

summarizers = BackendHandler[Summarizer]("SUMMARIZERS")
