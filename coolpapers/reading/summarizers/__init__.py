"""Where summaries come from: one file and one entry of ``settings.SUMMARIZERS`` each; ``base.py`` is the contract."""

from __future__ import annotations

from coolpapers.reading.summarizers.base import Progress, Summarizer, SummaryText
from search.base.backends import BackendHandler

__all__ = ["Progress", "Summarizer", "SummaryText", "summarizers"]

summarizers = BackendHandler[Summarizer]("SUMMARIZERS")
