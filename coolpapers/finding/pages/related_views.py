"""Related papers of one paper: a panel of its card, and a page of their cards."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from coolpapers.finding.indexing.embedding import count_pending
from coolpapers.finding.pages.error_pages import answers_engine_errors
from coolpapers.finding.pages.explaining import explain_related
from coolpapers.finding.pages.facets import describe_facets
from coolpapers.finding.pages.forms import FACETS, SearchRequest, read_search_request
from coolpapers.finding.related import find_related
from coolpapers.papers.lookup.readers import READER_SORTS
from coolpapers.papers.lookup.selectors import papers_by_keys
from coolpapers.papers.models import Paper
from coolpapers.papers.names.permalinks import paper_name
from coolpapers.papers.pages.cards import make_cards
from coolpapers.papers.pages.not_found import paper_missing
from coolpapers.papers.pages.paging import Paging
from coolpapers.papers.pages.redirects import find_named
from coolpapers.papers.pages.views import render_list
from search.neural.dense import VectorRetriever, retrievers
from search.ranking.related import SORTS, RelatedPage, RelatedRequest

PANEL_SIZE = 8  # papers shown inside a card
# How often a panel asks again while a model loads: after 1, 2, 4, 8 and 16 seconds.
MAX_AGAIN = 5
ASKED_AGAIN = tuple(map(str, range(MAX_AGAIN + 1)))
RELATED_SORTS = {
    "similarity": gettext_lazy("Similarity"),
    "newest": gettext_lazy("Newest"),
    "oldest": gettext_lazy("Oldest"),
    "stars": READER_SORTS["stars"],
}


@require_safe
@answers_engine_errors
def show_related(request: HttpRequest, ident: str) -> HttpResponse:
    """``/related/<paper>``: a page of cards, for htmx its next cards, or the panel where a card asks for it.

    ``sort=similarity|newest|oldest|stars``, ``mode=bm25|dense|hybrid|rerank``, ``category=``, ``venue=``, ``year=``,
    ``from=``, ``to=``, ``skip=``, ``show=``. A panel that lacks what a loading model would have found asks again by
    itself; ``again=`` counts.
    """
    paper, identifier = find_named(ident)
    if paper is None:
        return paper_missing(request, identifier, ident)
    is_panel = str(getattr(getattr(request, "htmx", None), "target", None) or "").startswith("related-")
    parameters = request.GET.copy()
    sort = parameters.pop("sort", ["similarity"])[-1]
    again = parameters.pop("again", ["0"])[-1]
    wanted = read_search_request(parameters)
    page = find_related(
        paper,
        RelatedRequest(
            start=0 if is_panel else wanted.start,
            top_k=PANEL_SIZE if is_panel else wanted.size,
            sort=sort if sort in SORTS else "similarity",
            mode=wanted.mode,
            conditions=wanted.filters.nodes(),
            facets=FACETS,
        ),
    )
    context = _context(paper, page, wanted)
    context["notes"] += vector_notes(retrievers["default"])
    if is_panel:
        n_asked = int(again) if again in ASKED_AGAIN else 0
        if page.is_transient and n_asked < MAX_AGAIN:
            context |= {"again": n_asked + 1, "again_s": 2**n_asked}
        return render(request, "search/_related.html", context)
    return render_list(request, "search/related_list.html", context)


def vector_notes(dense: VectorRetriever) -> list[str]:
    """A sentence where some papers of the library are newer than the vectors; none where there are no vectors."""
    n_papers = count_pending(dense) if dense.count() else 0
    if not n_papers:
        return []
    text = ngettext(
        "%(n)d new or changed paper has no embedding yet.",
        "%(n)d new or changed papers have no embeddings yet.",
        n_papers,
    )
    return [text % {"n": n_papers}]


def _context(paper: Paper, page: RelatedPage, wanted: SearchRequest) -> dict[str, Any]:
    papers = papers_by_keys(hit.key for hit in page.hits)
    found = [papers[hit.key] for hit in page.hits if hit.key in papers]
    why = {hit.key: explain_related(hit) for hit in page.hits}
    notes = [*wanted.notes, *page.notes]
    if not page.hits:
        notes.append(_("No related paper was found."))
    return {
        "paper": paper,
        "cards": make_cards(found, start=page.start, why=why),
        "paging": Paging(page.start, wanted.size, page.total),
        "path": reverse("search:show_related", args=[paper_name(paper)]),
        "wanted": wanted,
        "facets": describe_facets(page, wanted),
        "notes": notes,
        "total": page.total,
        "sort": page.sort,
        "sorts": RELATED_SORTS,
    }
