"""Pages and feeds of authors, and arXiv's addresses for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from coolpapers.base.throttling import limit_rate
from coolpapers.finding.authors.papers import MAX_PAPERS, AuthorPapers, find_author
from coolpapers.finding.authors.spellings import read_arxiv_author
from coolpapers.finding.pages.author_names import complete_authors
from coolpapers.finding.pages.error_pages import answers_engine_errors
from coolpapers.finding.pages.refinements import author_refinements
from coolpapers.papers.lookup.readers import READER_SORTS
from coolpapers.papers.lookup.selectors import papers_by_pks
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.names.permalinks import author_path, clean_spec
from coolpapers.papers.pages.cards import make_cards
from coolpapers.papers.pages.feeds import MIN_ENTRIES, answer_unchanged, render_feed
from coolpapers.papers.pages.forms import LIST_SORTS, ListRequest, read_list_request
from coolpapers.papers.pages.not_found import render_missing
from coolpapers.papers.pages.paging import Paging
from coolpapers.papers.pages.reader_orders import page_for_reader
from coolpapers.papers.pages.views import render_list
from coolpapers.papers.refining.addresses import ListAddress
from search.engines.registry import search_backend

MAX_NAME = 200  # characters of a name in an address
# The ends of arXiv's addresses of an author's feeds.
_FEED_ENDINGS = (".atom2", ".atom", ".rss")
_SORTS = {name: label for name, label in LIST_SORTS.items() if name != "title"}


@csrf_exempt  # changes nothing; a browser sends what it keeps, for the order by preference
@answers_engine_errors
def show_author(request: HttpRequest, name: str) -> HttpResponse:
    """``/author/<name>``: the author's papers; ``year=`` and ``with=`` (a co-author) restrict them."""
    wanted = read_list_request(request.GET)
    author, sort = _read_author(name, wanted)
    if not author.papers and not author.others:
        return _author_missing(request, author.name)
    shown, chosen = narrow_author(author, request.GET)
    paging = Paging(wanted.start, wanted.size, len(shown.papers))
    papers, notes = _page(request, shown, wanted, sort)
    to_year, to_coauthor = _narrowing(request, "year"), _narrowing(request, "with")
    context = {
        "author": shown,
        "years": [(one, n, f"{to_year}{one}") for one, n in author.years],
        "coauthors": [(one, f"{to_coauthor}{quote(one.name)}") for one in shown.coauthors],
        **chosen,
        **author_refinements(ListAddress.of(request.path, request.GET), author.years, **chosen),
        "n_all": len(author.papers),
        "max_papers": MAX_PAPERS,
        "query": author.query,
        "canonical_path": author_path(author.spellings[0].name if author.spellings else author.name),
        "cards": make_cards(papers, start=paging.start),
        "paging": paging,
        "sort": sort,
        "sorts": _SORTS,
        "notes": [*wanted.notes, *notes],
    }
    return render_list(request, "search/author_list.html", context)


def _page(
    request: HttpRequest, author: AuthorPapers, wanted: ListRequest, sort: str
) -> tuple[list[Paper], tuple[str, ...]]:
    pks = [paper.pk for paper in author.papers]
    if sort in READER_SORTS:
        papers = Paper.objects.filter(pk__in=pks).order_by("-announced", "-year", "-pk")
        return page_for_reader(request, papers, sort, start=wanted.start, size=wanted.size)
    return papers_by_pks(pks[wanted.start : wanted.start + wanted.size]), ()


def _narrowing(request: HttpRequest, name: str) -> str:
    """The address of this page with another value of a parameter, which follows. The tag of templates takes 50 µs."""
    kept = request.GET.copy()
    for other in (name, "skip", "start"):
        kept.pop(other, None)
    return f"?{kept.urlencode()}{'&' if kept else ''}{name}="


def _read_author(name: str, wanted: ListRequest) -> tuple[AuthorPapers, str]:
    """The author of an address, and the sort of the page."""
    sort = wanted.sort if wanted.sort in _SORTS else "newest"
    engine_sort = "newest" if sort in READER_SORTS else sort
    return find_author(search_backend(), clean_spec(name)[:MAX_NAME], sort=engine_sort), sort


def narrow_author(author: AuthorPapers, parameters: Mapping[str, str]) -> tuple[AuthorPapers, dict[str, Any]]:
    """The papers that ``year=`` and ``with=`` leave, and the values of both (None and "" for all papers)."""
    year, coauthor = parameters.get("year", ""), parameters.get("with", "")[:MAX_NAME]
    number = int(year) if re.fullmatch(r"[0-9]{4}", year) else None
    return author.narrowed(year=number, coauthor=coauthor), {"year": number, "coauthor": coauthor}


def _author_missing(request: HttpRequest, name: str) -> HttpResponse:
    """404 with the names that begin like this one."""
    last_word = name.split()[-1] if name.split() else ""
    near = [(author.name, "", author_path(author.name)) for author in complete_authors(last_word, limit=6)]
    return render_missing(
        request, _("No paper here has an author called “%(name)s”.") % {"name": name[:80]}, name, near
    )


@answers_engine_errors
def find_author_page(request: HttpRequest) -> HttpResponse:
    """``/author/?name=``: the author's page; without a name, the search."""
    name = " ".join(request.GET.get("name", "").split())[:MAX_NAME]
    return HttpResponseRedirect(author_path(name) if name else reverse("search:search_papers"))


@limit_rate("feed", "FEED_RATE")
@answers_engine_errors
def feed_author(request: HttpRequest, name: str) -> HttpResponse:
    """The author's newest papers as a feed."""
    engine = search_backend()
    state = (engine.revision(), latest_revision())
    if (unchanged := answer_unchanged(request, state=state)) is not None:
        return unchanged
    author = find_author(engine, clean_spec(name)[:MAX_NAME])
    if not author.papers:
        raise Http404(_("No paper here has an author called “%(name)s”.") % {"name": name[:80]})
    pks: Sequence[int] = [paper.pk for paper in author.papers[:MIN_ENTRIES]]
    return render_feed(request, papers_by_pks(pks), title=author.name, state=state)


def redirect_author(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    """``/a/warner_s_1``, ``/a/<name>.atom``: arXiv's page and feeds of an author, here by name."""
    name = clean_spec(name)
    ending = next((ending for ending in _FEED_ENDINGS if name.endswith(ending)), "")
    name = name.removesuffix(ending)
    name = read_arxiv_author(name) or name.replace("_", " ").strip()
    if not ending:
        return HttpResponseRedirect(author_path(name))
    path = f"{author_path(name).rstrip('/')}/feed"
    return HttpResponseRedirect(f"{path}?format=rss" if ending == ".rss" else path)
