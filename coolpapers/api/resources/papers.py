"""A paper as programs get it: the fields of our own JSON Lines, so that what one site gives another can import.

Start at :func:`describe_papers`; :data:`FIELDS` names what may be asked for.
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

# Read from the paper's row as they are.
_OWN_FIELDS = """
title authors abstract abstract_label year submitted updated announced categories venue_text track comment journal_ref
doi arxiv_id keywords tldr n_citations withdrawn
"""


def _own(name: str) -> Reader:
    return lambda card: getattr(card.paper, name)


# Name → how it is read. ``page`` is ours and needs the request; it is added by describe_papers.
FIELDS: dict[str, Reader] = {
    "id": lambda card: card.paper.key,
    "page": lambda card: card.path,
    **{name: _own(name) for name in _OWN_FIELDS.split()},
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
        {"number": one.number, "date": one.date, "note": one.note} for one in card.paper.versions.all()
    ],
    "summaries": lambda card: [
        {"language": one.language, "markdown": one.markdown, "source": one.source, "label": one.label}
        for one in card.paper.summaries.all()
        if one.markdown
    ],
}
# Longer, and each a question to the database more: only where asked for.
EXTRA_FIELDS = ("versions", "summaries")
DEFAULT_FIELDS = tuple(name for name in FIELDS if name not in EXTRA_FIELDS)
_PREFETCHED = {"versions": "versions", "summaries": "summaries"}


def read_fields(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """``fields=title,authors`` as names; all but the extra ones where nothing is asked for. ``id`` is always there.

    Raises BadParameter for a name that is none.
    """
    if text is None:
        return DEFAULT_FIELDS
    names = text.split(",") if isinstance(text, str) else list(text)
    wanted = [name.strip() for name in names if name.strip()]
    unknown = [name for name in wanted if name not in FIELDS and name != "all"]
    if unknown:
        raise BadParameter(
            f"There is no field “{unknown[0][:40]}”.",
            where="fields",
            cure=f"The fields are: {', '.join(FIELDS)}; or all.",
        )
    if "all" in wanted:
        return tuple(FIELDS)
    return tuple(dict.fromkeys(("id", *wanted))) if wanted else DEFAULT_FIELDS


def describe_papers(
    papers: Sequence[Paper], *, fields: Sequence[str] = DEFAULT_FIELDS, request: HttpRequest | None = None
) -> list[dict[str, Any]]:
    """Papers as dicts of these fields, in the order given.

    Papers come from ``selectors.with_sources``; ``request`` makes the address of ``page`` a full one.
    """
    if relations := [_PREFETCHED[name] for name in fields if name in _PREFETCHED]:
        prefetch_related_objects(list(papers), *relations)
    described = [{name: FIELDS[name](card) for name in fields} for card in map(Card, papers)]
    if request is not None and "page" in fields:
        for paper in described:
            paper["page"] = request.build_absolute_uri(paper["page"])
    return described


def finished_summary(paper: Paper, *, language: str) -> Summary | None:
    """The summary in this language, or in another where there is none."""
    finished = Summary.objects.filter(paper=paper).exclude(markdown="").order_by("language")
    return min(finished, key=lambda one: one.language != language, default=None)
