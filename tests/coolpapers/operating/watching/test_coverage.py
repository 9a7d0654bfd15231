"""How many papers have an index entry, vectors, summaries and PDFs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coolpapers.operating.watching.coverage import Coverage, read_coverage
from coolpapers.papers.models import PaperSource
from coolpapers.reading.models import Summary
from tests.coolpapers.papers.library import make_paper


@pytest.mark.django_db
def test_each_paper_is_counted_once_and_a_missing_index_is_no_error() -> None:
    papers = [make_paper() for _ in range(3)]
    for language, markdown in (("en", "x"), ("zh-hans", "y")):
        Summary.objects.create(
            paper=papers[0], language=language, markdown=markdown, requested_at=datetime(2026, 1, 1, tzinfo=UTC)
        )
    Summary.objects.create(paper=papers[1], language="en", requested_at=datetime(2026, 1, 1, tzinfo=UTC))
    PaperSource.objects.create(paper=papers[0], source="file", ident="pdf-1", key="file:pdf-1")
    found = {part.name: (part.n, part.n_papers, part.cure) for part in read_coverage()}
    assert found == {
        "Search index": (0, 3, "manage.py update_index"),
        "Vectors": (0, 3, "manage.py embed_papers"),
        "Summaries": (1, 3, ""),
        "PDFs on this site": (1, 3, ""),
    }


@pytest.mark.parametrize(("n", "n_papers", "percent"), [(0, 0, 0), (999, 1000, 99), (1000, 1000, 100)])
def test_only_all_papers_are_a_hundred_percent(n: int, n_papers: int, percent: int) -> None:
    assert Coverage("x", n, n_papers).percent == percent
