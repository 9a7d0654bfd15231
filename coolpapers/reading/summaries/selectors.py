"""Read summaries and files for pages."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from coolpapers.papers.files.files import find_pdf
from coolpapers.papers.models import Paper
from coolpapers.papers.names.permalinks import host_of, web_address
from coolpapers.papers.pages.cards import Card
from coolpapers.reading.models import Summary
from coolpapers.reading.pdfs.fetching import is_known


def find_summary(paper: Paper, *, language: str) -> Summary | None:
    """The summary of a paper in one language, in any state."""
    return Summary.objects.filter(paper=paper, language=language).first()


def other_languages(paper: Paper, *, language: str) -> list[str]:
    """Other languages with a finished summary of the paper."""
    finished = Summary.objects.filter(paper=paper).exclude(markdown="").exclude(language=language)
    return list(finished.order_by("language").values_list("language", flat=True))


def papers_with_summary(papers: Sequence[int]) -> set[int]:
    """Primary keys of the papers with a finished summary in any language; one query."""
    return set(Summary.objects.filter(paper__in=papers).exclude(markdown="").values_list("paper_id", flat=True))


def can_show_pdf(card: Card) -> bool:
    """Whether this site can show the paper's PDF: it has the file, or fetches it when the reader opens it."""
    url = web_address(card.pdf_url)
    if find_pdf(card.paper, url=url) is not None:
        return True
    return bool(settings.FETCH_PDFS and url and is_known(host_of(url), settings.FETCH_PDFS_HOSTS))
