"""Papers in the database for the tests of pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

from coolpapers.papers.identity.keys import keys_of
from coolpapers.papers.models import Category, Paper, PaperCategory, PaperSource, Venue

_numbers = count(10_001)  # away from the ids that tests name
MONDAY = date(2026, 3, 2)
TUESDAY = date(2026, 3, 3)
WEDNESDAY = date(2026, 3, 4)


def make_paper(
    *,
    arxiv_id: str | None = None,
    day: date | None = MONDAY,
    categories: Sequence[str] = ("cs.CL",),
    **fields: Any,
) -> Paper:
    """An arXiv paper, announced on ``day``, in its categories."""
    arxiv_id = arxiv_id or f"2603.{next(_numbers):05d}"
    values: dict[str, Any] = {
        "key": f"arxiv:{arxiv_id}",
        "arxiv_id": arxiv_id,
        "title": f"Paper {arxiv_id} about parsers",
        "authors": ["Ada Lovelace", "Alan Turing"],
        "abstract": "We parse text with a network.",
        "announced": day,
        "submitted": day,
        "updated": day,
        "year": day.year if day else None,
        "page_url": f"https://arxiv.org/abs/{arxiv_id}",
        **fields,
    }
    paper = Paper.objects.create(**values, categories=list(categories))
    for position, code in enumerate(categories):
        category, _ = Category.objects.get_or_create(code=code)
        PaperCategory.objects.create(paper=paper, category=category, position=position)
    PaperSource.objects.create(
        paper=paper,
        source="arxiv",
        ident=arxiv_id,
        key=paper.key,
        page_url=paper.page_url,
        pdf_url=paper.pdf_url,
        title_key=keys_of(paper.title, paper.authors).title,
    )
    return paper


def make_venue_paper(
    ident: str, *, source: str = "openreview", venue: str = "ICLR", year: int | None = 2025, **fields: Any
) -> Paper:
    """A paper of a conference, known by the ident of its source only."""
    series, _ = Venue.objects.get_or_create(slug=venue, defaults={"name": f"Conference called {venue}"})
    values: dict[str, Any] = {
        "key": f"{venue.lower()}{year}:{ident}",
        "title": f"Talk {ident} about trees",
        "authors": ["Grace Hopper"],
        "abstract": "Trees are grown and pruned.",
        "year": year,
        **fields,
    }
    paper = Paper.objects.create(**values, venue=series, venue_year=year)
    PaperSource.objects.create(paper=paper, source=source, ident=ident, key=paper.key)
    return paper
