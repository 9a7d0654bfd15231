"""How many papers have each thing that the site makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from coolpapers.papers.files.files import FILE_SOURCE
from coolpapers.papers.models import Paper, PaperSource
from coolpapers.reading.models import PdfFetch, Summary
from search.engines.registry import search_backend
from search.errors import SearchError
from search.neural.dense import retrievers


@dataclass(frozen=True, slots=True)
class Coverage:
    """``n`` of ``n_papers`` have it; ``cure`` is a command that gives it to more, "" where readers ask for it."""

    name: str
    n: int
    n_papers: int
    cure: str = ""

    @property
    def percent(self) -> int:
        """Whole percents; 100 for all papers only."""
        return self.n * 100 // self.n_papers if self.n_papers else 0


def read_coverage() -> list[Coverage]:
    n_papers = Paper.objects.count()
    n_index = _or_none(lambda: search_backend().count())
    n_vectors = _or_none(lambda: retrievers["default"].count())
    n_summaries = Summary.objects.exclude(markdown="").values("paper").distinct().count()
    n_own = PaperSource.objects.filter(source=FILE_SOURCE).values("paper").distinct().count()
    n_fetched = PdfFetch.objects.filter(status=PdfFetch.Status.DONE).count()
    return [
        Coverage(_("Search index"), n_index, n_papers, "" if n_index >= n_papers else "manage.py update_index"),
        Coverage(_("Vectors"), n_vectors, n_papers, "" if n_vectors >= n_papers else "manage.py embed_papers"),
        Coverage(_("Summaries"), n_summaries, n_papers),
        Coverage(_("PDFs on this site"), n_own + n_fetched, n_papers),
    ]


def _or_none(count: Callable[[], int]) -> int:
    """0 where the files cannot be read: doctor's lines on the same page say why."""
    try:
        return count()
    except (SearchError, OSError):
        return 0
