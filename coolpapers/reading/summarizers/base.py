"""The interface of all summarizers."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass


@dataclass(frozen=True)
class SummaryText:
    """The input of a summarizer. ``full_text`` is empty if only the abstract is available."""

    title: str
    authors: tuple[str, ...]
    abstract: str
    full_text: str
    language: str  # of the summary; see languages.summary_language


@dataclass(frozen=True)
class Progress:
    """The whole summary so far; it may be shorter than before if an answer is retried."""

    markdown: str
    n_done: int
    n_total: int


class Summarizer:
    """Writes the summary of one paper in one language.

    A summarizer is shared by all threads of a process, so it holds no state of a paper.
    """

    #: Whether it can write on request; sources that are only imported cannot.
    on_demand = True

    #: Whether a request is expensive (money or minutes), so that a reader must press a button first.
    is_costly = False

    def label(self) -> str:
        """The name of the writer for readers, such as a model. Empty if the source's name is enough."""
        return ""

    def write(self, text: SummaryText) -> Generator[Progress, None, None]:
        """Yield the growing summary; the last value is the finished text.

        The caller may close the generator at any time; it must then release its resources.

        Raises
        ------
        SummaryError
            If the summary cannot be finished; the caller drops what was yielded.
        """
        raise NotImplementedError(f"{type(self).__name__} writes no summaries; set on_demand = False")

    def check(self) -> list[str]:
        """Problems of its settings, one sentence each, for ``manage.py check``."""
        return []
