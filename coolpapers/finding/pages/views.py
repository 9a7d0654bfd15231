"""Pages of searches: results, feeds, suggestions, and the OpenSearch description."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from coolpapers.base.throttling import limit_rate
from coolpapers.finding.flags import resolver_of
from coolpapers.finding.highlighting import ALL_PARTS
from coolpapers.finding.pages.error_pages import answers_engine_errors
from coolpapers.finding.pages.explaining import explain_hits
from coolpapers.finding.pages.facets import describe_all, describe_years
from coolpapers.finding.pages.forms import FACETS, MODE_LABELS, SEARCH_SORTS, SearchRequest, read_search_request
from coolpapers.finding.pages.refinements import counted_facets, search_refinements
from coolpapers.finding.pages.suggestions import suggest
from coolpapers.finding.questions import Question
from coolpapers.finding.reader_orders import order_of
from coolpapers.finding.services import search_papers
from coolpapers.papers.lookup.selectors import find_papers, papers_by_keys
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.names.permalinks import paper_path, source_label
from coolpapers.papers.pages.cards import Card, make_cards
from coolpapers.papers.pages.density import read_density
from coolpapers.papers.pages.feeds import MIN_ENTRIES, answer_unchanged, render_feed
from coolpapers.papers.pages.page_cache import kept_for_everyone, mark_incomplete
from coolpapers.papers.pages.paging import Paging
from coolpapers.papers.pages.views import render_list
from coolpapers.papers.refining.addresses import ListAddress
from search.engines.registry import search_backend
from search.engines.results import SearchPage
from search.language.personal import personal_flags
from search.neural.dense import retrievers
from search.neural.rerankers import rerankers
from search.ranking.pipeline import default_mode
from search.vocabulary.identifier_forms import Identifier
from search.vocabulary.identifiers import parse_identifiers


def library_state() -> tuple[object, ...]:
    """What a page of results depends on beside its address: revisions of the papers, the index and the vectors."""
    engine = search_backend()
    models = (retrievers["default"].identity(), rerankers["default"].identity())
    return latest_revision(), type(engine).__name__, engine.revision(), default_mode(), models


@csrf_exempt  # changes nothing; a browser posts the data of personal flags
@answers_engine_errors
@kept_for_everyone(library_state)
def show_results(request: HttpRequest) -> HttpResponse:
    """``/search?q=``: results, or a redirect to the paper if the text is an identifier.

    The stars and notes of a reader without an account are in the browser. If the query needs them, the page lists the
    flags (``data-flags``), and the browser repeats the request by POST with the keys that they stand for.
    """
    search_request = read_search_request(request.GET)
    identifiers = parse_identifiers(search_request.text)
    if identifiers and (path := _path_of(identifiers)):
        return HttpResponseRedirect(path)
    if search_request.is_empty:
        return render(request, "search/start.html", {"sorts": SEARCH_SORTS})
    resolve_flag = resolver_of(request)
    question = replace(
        search_request.question,
        facets=counted_facets(search_request),
        highlight=_shown_parts(read_density(request), is_explained=search_request.question.explain),
    )
    papers = _ReadPapers()
    page = search_papers(
        question,
        resolve_flag=resolve_flag,
        order=order_of(search_request.sort, request),
        read_texts=papers.read_texts,
    )
    if not page.is_complete:
        mark_incomplete(request)
    notes = [*search_request.notes, *page.notes]
    if identifiers:
        notes.append(_("“%(name)s” is not in this library.") % {"name": search_request.text[:80]})
    flags = personal_flags(search_request.text) if resolve_flag is None else []
    address = ListAddress.of(request.path, request.GET)
    context = _results_context(page, papers, search_request, address)
    context |= {"notes": notes, "flags": json.dumps(flags) if flags else ""}
    return render_list(request, "search/results.html", context)


def _path_of(identifiers: Sequence[Identifier]) -> str | None:
    """The address for pasted identifiers: the paper, or the page of several; None if the library has none of them."""
    papers = find_papers(identifiers[:200])
    if not papers:
        return None
    if len(identifiers) == 1:
        return paper_path(next(iter(papers.values())))
    if all(identifier.source == "arxiv" for identifier in identifiers):
        return reverse("papers:show_arxiv", args=[",".join(str(identifier) for identifier in identifiers)])
    names = [f"{identifier.value}@{source_label(identifier.source)}" for identifier in identifiers]
    return reverse("papers:show_venue", args=[",".join(names)])


def _shown_parts(density: str, *, is_explained: bool) -> tuple[str, ...]:
    """The parts of a card in which a density shows words, and those in which an explanation looks for them."""
    if is_explained:
        return ALL_PARTS
    return {"list": ("title",), "full": ("title", "abstract")}.get(density, ALL_PARTS)


class _ReadPapers:
    """The papers of one page, read once: for their texts, and for their cards."""

    def __init__(self) -> None:
        self._by_key: dict[str, Paper] = {}

    def read_texts(self, keys: Sequence[str]) -> list[tuple[str, str, str]]:
        self._by_key = papers_by_keys(keys)
        return [(paper.key, paper.title, paper.abstract) for paper in self._by_key.values()]

    def of(self, page: SearchPage) -> list[Paper]:
        """The papers of the hits in order, without papers deleted since they were indexed."""
        return [self._by_key[hit.key] for hit in page.hits if hit.key in self._by_key]


def _results_context(
    page: SearchPage, read_papers: _ReadPapers, search_request: SearchRequest, address: ListAddress
) -> dict[str, Any]:
    papers = read_papers.of(page)
    why = explain_hits(page.hits, text=page.query, highlights=page.highlights)
    cards = make_cards(papers, start=page.start, highlights=page.highlights, why=why)
    return {
        "page": page,
        "search_request": search_request,
        "cards": cards,
        **_split(page, cards),
        "paging": Paging(page.start, search_request.size, page.total),
        **search_refinements(page, search_request, address, total=page.total),
        "feed_query": address.query("show", "sort", "explain"),
        "rss_query": address.prefix("show", "sort", "explain") + "format=rss",
        "kept": address.prefix("show", "explain", "format"),
        "sort": search_request.sort,
        "sorts": SEARCH_SORTS,
        "modes": MODE_LABELS,
        "mode": search_request.mode or default_mode(),
    }


@answers_engine_errors
def show_facet(request: HttpRequest, name: str) -> HttpResponse:
    """``/search/facets/<name>?q=``: all values of a facet, as a page or, for htmx, as items of its list.

    ``/search/facets/venue?series=NeurIPS``: those of one venue by year.
    """
    if name not in FACETS:
        raise Http404
    search_request = read_search_request(request.GET)
    question = replace(search_request.question, facets=(name,), start=0, top_k=0, explain=False)
    page = search_papers(question, resolve_flag=resolver_of(request))
    parameters = request.GET.copy()
    slug = parameters.pop("series", [""])[-1]
    address = ListAddress.of(reverse("search:search_papers"), parameters).rooted()
    if slug and name == "venue":
        facet = describe_years(page, search_request, address, slug)
    else:
        facet = describe_all(page, search_request, address, name)
    is_fragment = bool(getattr(request, "htmx", False))
    template = "search/_facet_all.html" if is_fragment else "search/facet.html"
    response = render(request, template, {"facet": facet, "back_path": address.having()})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _split(page: SearchPage, cards: list[Card]) -> dict[str, Any]:
    """The cards above and below the line under which no paper contains the names of the query.

    The line is on the page that has the first such paper; {} for the others.
    """
    n_above = page.n_with_names - page.start
    if not page.names or not 0 <= n_above < len(page.hits):
        return {}
    with_names = {hit.key for hit in page.hits[:n_above]}
    return {
        "cards_above": [card for card in cards if card.paper.key in with_names],
        "cards_below": [card for card in cards if card.paper.key not in with_names],
        "absent_names": ", ".join(page.names),
    }


def _papers_of(page: SearchPage) -> list[Paper]:
    """The papers of the hits in order, without papers deleted since they were indexed."""
    papers = papers_by_keys(hit.key for hit in page.hits)
    return [papers[hit.key] for hit in page.hits if hit.key in papers]


@limit_rate("feed", "FEED_RATE")
@answers_engine_errors
def feed_search(request: HttpRequest) -> HttpResponse:
    """The newest hits of a search as a feed. It is not relaxed: it stays empty until a paper has all words."""
    state = (search_backend().revision(), latest_revision())
    if (unchanged := answer_unchanged(request, state=state)) is not None:
        return unchanged
    search_request = read_search_request(request.GET)
    page = search_papers(
        Question(
            search_request.text,
            filters=search_request.filters,
            mode="bm25",
            sort="newest",
            top_k=MIN_ENTRIES,
            relaxing=False,
        )
    )
    return render_feed(
        request, _papers_of(page), title=_("Search: %(query)s") % {"query": search_request.text[:200]}, state=state
    )


def suggest_queries(request: HttpRequest) -> HttpResponse:
    """Suggestions in the format of OpenSearch: ``[query, [text…], [description…], [address…]]``."""
    text = request.GET.get("q", "").strip()
    suggestions = suggest(text)
    columns = [[getattr(suggestion, name) for suggestion in suggestions] for name in ("text", "words", "path")]
    response = JsonResponse([text, *columns], safe=False, content_type="application/x-suggestions+json")
    response["Cache-Control"] = "public, max-age=60"  # seconds; readers type the same beginnings
    return response


def describe_opensearch(request: HttpRequest) -> HttpResponse:
    """The OpenSearch description, by which a browser adds this search."""
    context = {
        "search_url": request.build_absolute_uri(reverse("search:search_papers")),
        "suggest_url": request.build_absolute_uri(reverse("search:suggest_queries")),
        "feed_url": request.build_absolute_uri(reverse("search:feed_search")),
        "self_url": request.build_absolute_uri(request.path),
    }
    return render(request, "search/opensearch.xml", context, content_type="application/opensearchdescription+xml")
