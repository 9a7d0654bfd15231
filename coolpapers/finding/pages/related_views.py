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
from coolpapers.finding.pages.forms import SearchRequest, read_search_request
from coolpapers.finding.pages.refinements import counted_facets, search_refinements
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
from coolpapers.papers.refining.addresses import ListAddress
from search.neural.dense import VectorRetriever, retrievers
from search.ranking.related import SORTS, RelatedPage, RelatedRequest

PANEL_SIZE = 8  # papers shown inside a card
# Retries of a panel while a model loads: after 1, 2, 4, 8 and 16 seconds.
MAX_RETRIES = 5
RETRY_NUMBERS = tuple(map(str, range(MAX_RETRIES + 1)))
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
    ``from=``, ``to=``, ``skip=``, ``show=``. A panel retries by itself while a model loads; ``again=`` counts.
    """
    paper, identifier = find_named(ident)
    if paper is None:
        return paper_missing(request, identifier, ident)
    is_panel = str(getattr(getattr(request, "htmx", None), "target", None) or "").startswith("related-")
    parameters = request.GET.copy()
    sort = parameters.pop("sort", ["similarity"])[-1]
    again = parameters.pop("again", ["0"])[-1]
    search_request = read_search_request(parameters)
    page = find_related(
        paper,
        RelatedRequest(
            start=0 if is_panel else search_request.start,
            top_k=PANEL_SIZE if is_panel else search_request.size,
            sort=sort if sort in SORTS else "similarity",
            mode=search_request.mode,
            conditions=search_request.filters.nodes(),
            facets=counted_facets(search_request),
        ),
    )
    context = _context(paper, page, search_request, ListAddress.of(request.path, request.GET))
    context["notes"] += vector_notes(retrievers["default"])
    if is_panel:
        n_retries = int(again) if again in RETRY_NUMBERS else 0
        if page.is_transient and n_retries < MAX_RETRIES:
            context |= {"again": n_retries + 1, "again_s": 2**n_retries}
        return render(request, "search/_related.html", context)
    return render_list(request, "search/related_list.html", context)


def vector_notes(dense: VectorRetriever) -> list[str]:
    """A sentence if papers have no embedding yet; none if there are no vectors at all."""
    n_papers = count_pending(dense) if dense.count() else 0
    if not n_papers:
        return []
    text = ngettext(
        "%(n)d new or changed paper has no embedding yet.",
        "%(n)d new or changed papers have no embeddings yet.",
        n_papers,
    )
    return [text % {"n": n_papers}]


def _context(paper: Paper, page: RelatedPage, search_request: SearchRequest, address: ListAddress) -> dict[str, Any]:
    papers = papers_by_keys(hit.key for hit in page.hits)
    present = [papers[hit.key] for hit in page.hits if hit.key in papers]
    why = {hit.key: explain_related(hit) for hit in page.hits}
    notes = [*search_request.notes, *page.notes]
    if not page.hits:
        notes.append(_("No related paper was found."))
    return {
        "paper": paper,
        "cards": make_cards(present, start=page.start, why=why),
        "paging": Paging(page.start, search_request.size, page.total),
        "path": reverse("search:show_related", args=[paper_name(paper)]),
        "search_request": search_request,
        **search_refinements(page, search_request, address, total=page.total, has_pages=False),
        "notes": notes,
        "total": page.total,
        "sort": page.sort,
        "sorts": RELATED_SORTS,
    }
