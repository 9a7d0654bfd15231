"""Addresses that readers of arXiv and other sites have in their fingers, led to ours."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from coolpapers.papers.citations import cite
from coolpapers.papers.lookup.selectors import count_days, find_paper, find_paper_at, known_codes
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.names.category_sets import TooManyCategories, UnknownCategory, parse_category_set
from coolpapers.papers.names.permalinks import clean_spec, paper_path
from coolpapers.papers.pages.listing import month_ends
from coolpapers.papers.pages.not_found import paper_missing, place_missing
from search.vocabulary.identifier_forms import Identifier
from search.vocabulary.identifiers import parse_identifier

RECENT_DAYS = 5  # arXiv's "recent" shows five days


def find_named(text: str) -> tuple[Paper | None, Identifier | None]:
    """The paper that an address part names, as an identifier or as ``<ident>@<source>``."""
    text = clean_spec(text)
    # The named source first: with it at its end, a DOI would be read as another DOI.
    if "@" in text and (paper := find_paper_at(*text.rsplit("@", 1))) is not None:
        return paper, None
    identifier = parse_identifier(text)
    return (find_paper(identifier) if identifier is not None else None), identifier


def redirect_paper(request: HttpRequest, ident: str) -> HttpResponse:
    """``/abs/<id>`` and ``/papers/<id>``: the paper's page, at the version asked for."""
    paper, identifier = find_named(ident)
    if paper is None:
        return paper_missing(request, identifier, ident)
    path = paper_path(paper)
    if identifier and identifier.version and paper.arxiv_id == identifier.value:
        path = reverse("papers:show_arxiv", args=[str(identifier)])
    return HttpResponseRedirect(path)


def redirect_pdf(request: HttpRequest, ident: str) -> HttpResponse:
    """``/pdf/<id>[.pdf]``: the paper's page at its PDF."""
    response = redirect_paper(request, clean_spec(ident).removesuffix(".pdf"))
    if isinstance(response, HttpResponseRedirect):
        return HttpResponseRedirect(f"{response.url}#pdf")
    return response


def show_bibtex(request: HttpRequest, ident: str) -> HttpResponse:
    """``/bibtex/<id>``: the citation as text, as arXiv shows it."""
    paper, identifier = find_named(ident)
    if paper is None:
        return paper_missing(request, identifier, ident)
    return HttpResponse(cite([paper], "bibtex"), content_type="text/plain; charset=utf-8")


def redirect_list(request: HttpRequest, category: str, period: str = "new") -> HttpResponse:
    """``/list/<category>/new``, ``/recent``, ``/2024-05`` (also ``/2405``): the list of those days."""
    revision = latest_revision()
    try:
        categories = parse_category_set(category, known=known_codes(revision=revision))
    except (UnknownCategory, TooManyCategories) as error:
        return place_missing(request, category, error)
    path = reverse("papers:show_arxiv", args=[str(categories)])
    if period in ("recent", "pastweek"):
        days = count_days(categories, revision=revision)[:RECENT_DAYS]
        return HttpResponseRedirect(f"{path}?{urlencode({'from': days[-1].day})}" if days else path)
    if found := re.fullmatch(r"([0-9]{2,4}?)-?([0-9]{2})", period):
        try:
            first, last = month_ends(_full_year(found[1]), int(found[2]))
        except ValueError:
            return HttpResponseRedirect(path)
        return HttpResponseRedirect(f"{path}?{urlencode({'from': first, 'to': last})}")
    return HttpResponseRedirect(path)


def _full_year(text: str) -> int:
    """arXiv began in 1991: 91 to 99 are the last century's."""
    if len(text) > 2:
        return int(text)
    return int(text) + (1900 if text >= "91" else 2000)
