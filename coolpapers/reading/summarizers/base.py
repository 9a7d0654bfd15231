"""The contract of everything that makes summaries."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass


@dataclass(frozen=True)
class SummaryText:
    """What a summary is made from. ``full_text`` is empty where only the abstract is at hand."""

    title: str
    authors: tuple[str, ...]
    abstract: str
    full_text: str
    language: str  # of the summary wanted, see languages.summary_language


@dataclass(frozen=True)
class Progress:
    """The summary so far, as a whole: it may be shorter than before where an answer is begun anew."""

    markdown: str
    n_done: int
    n_total: int


class Summarizer:
    """Writes the summary of one paper in one language.

    A summarizer is shared by all threads of a process: it keeps no state of a paper.
    """

    #: Can it write when a reader asks? Sources that are only read from files cannot.
    on_demand = True

    #: Does asking cost something (money, minutes), so that a reader should press a button first?
    is_costly = False

    def label(self) -> str:
        """Who writes, for the reader: a model's name. Empty where the source's own name says it all."""
        return ""

    def write(self, text: SummaryText) -> Generator[Progress, None, None]:
        """Yield the growing summary; the last one yielded is the finished text.

        The caller may stop reading at any time; what is open must then be closed.

        Raises
        ------
        SummaryError
            Where no finished summary can be had; what was yielded is then dropped.
        """
        raise NotImplementedError(f"{type(self).__name__} writes no summaries; set on_demand = False")

    def check(self) -> list[str]:
        """What is wrong with its settings, one sentence each, for ``manage.py check``."""
        return []
