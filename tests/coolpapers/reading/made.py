"""Papers and summaries for the reading tests."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any
from unittest.mock import patch

from django.core.signals import request_finished

from coolpapers.papers.models import Paper, PaperSource
from coolpapers.reading.models import Summary

_numbers = count(1)
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def make_paper(**fields: Any) -> Paper:
    """An arXiv paper in the database."""
    number = f"2601.{next(_numbers):05d}"
    defaults: dict[str, Any] = {
        "key": f"arxiv:{number}",
        "arxiv_id": number,
        "title": f"Paper {number} on Sorting",
        "authors": ["Ada Lovelace"],
        "abstract": "We sort lists of $n$ numbers. It is fast. Experiments show that it works.",
        "announced": dt.date(2026, 1, 5),
        "categories": ["cs.DS"],
        "page_url": f"https://arxiv.org/abs/{number}",
    }
    paper = Paper.objects.create(**{**defaults, **fields})
    if paper.arxiv_id:
        PaperSource.objects.create(paper=paper, source="arxiv", ident=paper.arxiv_id, key=paper.key)
    return paper


def make_summary(paper: Paper | None = None, **fields: Any) -> Summary:
    defaults: dict[str, Any] = {"language": "en", "requested_at": NOW, "status": Summary.Status.QUEUED}
    return Summary.objects.create(paper=paper or make_paper(), **{**defaults, **fields})


def make_finished(paper: Paper | None = None, markdown: str = "### Why?\n\nBecause $x^2$.\n", **fields: Any) -> Summary:
    done = {"status": Summary.Status.DONE, "source": "imported", "label": "notes", "finished_at": NOW}
    return make_summary(paper, markdown=markdown, **{**done, **fields})


def close(response: Any) -> None:
    """End a response as a server does, but do not tell Django, which would close the test's database connection."""
    with patch.object(request_finished, "send"):
        response.close()
