"""Papers as JSON objects, with the field names of our JSON Lines format, so that another site can import them.

Start at :func:`describe_papers`; :data:`FIELDS` lists the fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest

from coolpapers.api.errors import BadParameter
from coolpapers.papers.models import Paper
from coolpapers.papers.names.permalinks import web_address
from coolpapers.papers.pages.cards import Card
from coolpapers.reading.models import Summary

Reader = Callable[[Card], Any]

# Attributes of the paper's row.
_OWN_FIELDS = """
title authors abstract abstract_label year submitted updated announced categories venue_text track comment journal_ref
doi arxiv_id keywords tldr n_citations withdrawn kind editors volume issue pages publisher affiliations report_numbers
"""


def _own(name: str) -> Reader:
    return lambda card: getattr(card.paper, name)


# Name → function that reads it. describe_papers completes ``page`` to an absolute address.
FIELDS: dict[str, Reader] = {
    "id": lambda card: card.paper.key,
    "page": lambda card: card.path,
    **{name: _own(name) for name in _OWN_FIELDS.split()},
    "sort_names": lambda card: card.paper.sort_names or [],
    "venue": lambda card: card.paper.venue.slug if card.paper.venue else "",
    "venue_year": lambda card: card.paper.venue_year,
    "url": lambda card: web_address(card.paper.page_url),
    "pdf_url": lambda card: card.pdf_url,
    "code_url": lambda card: card.code_url,
    "sources": lambda card: [
        {"name": place.label, "id": place.ident, "url": place.page_url, "pdf_url": place.pdf_url}
        for place in card.places
    ],
    "versions": lambda card: [
        {"number": version.number, "date": version.date, "note": version.note} for version in card.paper.versions.all()
    ],
    "summaries": lambda card: [
        {
            "language": summary.language,
            "markdown": summary.markdown,
            "source": summary.source,
            "label": summary.label,
        }
        for summary in card.paper.summaries.all()
        if summary.markdown
    ],
}
# Long, and each needs a further database query: only on request.
EXTRA_FIELDS = ("versions", "summaries")
DEFAULT_FIELDS = tuple(name for name in FIELDS if name not in EXTRA_FIELDS)
_PREFETCHED = {"versions": "versions", "summaries": "summaries"}


def read_fields(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """Parse ``fields=title,authors``. The default is all but the extra fields; ``id`` is always included.

    Raises BadParameter for an unknown field.
    """
    if text is None:
        return DEFAULT_FIELDS
    names = text.split(",") if isinstance(text, str) else list(text)
    requested = [name.strip() for name in names if name.strip()]
    unknown = [name for name in requested if name not in FIELDS and name != "all"]
    if unknown:
        raise BadParameter(
            f"Unknown field “{unknown[0][:40]}”.",
            where="fields",
            cure=f"The fields are: {', '.join(FIELDS)}; or all.",
        )
    if "all" in requested:
        return tuple(FIELDS)
    return tuple(dict.fromkeys(("id", *requested))) if requested else DEFAULT_FIELDS


def describe_papers(
    papers: Sequence[Paper], *, fields: Sequence[str] = DEFAULT_FIELDS, request: HttpRequest | None = None
) -> list[dict[str, Any]]:
    """Papers as dicts of these fields, in the order given.

    Papers must be loaded with ``selectors.with_sources``; with ``request`` the address in ``page`` is absolute.
    """
    if relations := [_PREFETCHED[name] for name in fields if name in _PREFETCHED]:
        prefetch_related_objects(list(papers), *relations)
    described = [{name: FIELDS[name](card) for name in fields} for card in map(Card, papers)]
    if request is not None and "page" in fields:
        for paper in described:
            paper["page"] = request.build_absolute_uri(paper["page"])
    return described


def finished_summary(paper: Paper, *, language: str) -> Summary | None:
    """The finished summary in this language, or else in another; None if there is none."""
    finished = Summary.objects.filter(paper=paper).exclude(markdown="").order_by("language")
    return min(finished, key=lambda summary: summary.language != language, default=None)
