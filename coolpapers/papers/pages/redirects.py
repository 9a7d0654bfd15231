"""Addresses that readers of arXiv and other sites have in their fingers, led to ours."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import localdate

from coolpapers.papers.citations import cite
from coolpapers.papers.lookup.selectors import count_days, find_paper, find_paper_at, known_codes
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.names.category_sets import CategorySet, TooManyCategories, UnknownCategory, parse_category_set
from coolpapers.papers.names.permalinks import clean_spec, paper_name, paper_path, source_label, venue_path
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


def redirect_summary(request: HttpRequest, ident: str = "") -> HttpResponse:
    """``/overview/<id>`` of alphaXiv and ``/arxiv/kimi?paper=<id>`` of papers.cool: the paper's summary."""
    ident = ident or request.GET.get("paper", "")
    paper, identifier = find_named(ident)
    if paper is None:
        return paper_missing(request, identifier, ident)
    return HttpResponseRedirect(reverse("reading:show_summary", args=[paper_name(paper)]))


def redirect_forum(request: HttpRequest) -> HttpResponse:
    """``/forum?id=<id>`` and ``/pdf?id=<id>`` of OpenReview: the paper's page."""
    return redirect_paper(request, f"{request.GET.get('id', '')}@{source_label('openreview')}")


def redirect_list(request: HttpRequest, category: str, period: str = "new") -> HttpResponse:
    """``/list/<category>/new``, ``/recent``, ``/2024-05`` (also ``/2405``), ``/2024``: the list of those days.

    ``skip=`` and ``show=`` of the address stay.
    """
    categories = _read_categories(request, category)
    if isinstance(categories, HttpResponse):
        return categories
    kept = {name: request.GET[name] for name in ("skip", "show") if name in request.GET}
    return _to_list(categories, **_period(categories, period.lower()), **kept)


def redirect_year(request: HttpRequest, category: str, year: str = "") -> HttpResponse:
    """``/year/cs/24``, ``/year/cs/2024``: the list of that year; without a year, of this one."""
    categories = _read_categories(request, category)
    if isinstance(categories, HttpResponse):
        return categories
    return _to_list(categories, **_year_range(year or str(localdate().year)))


def redirect_day(request: HttpRequest, category: str, day: str = "") -> HttpResponse:
    """``/catchup/<category>/<date>``: the list of that day."""
    categories = _read_categories(request, category)
    if isinstance(categories, HttpResponse):
        return categories
    return _to_list(categories, **({"date": day} if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day) else {}))


def redirect_feed(request: HttpRequest, category: str, kind: str) -> HttpResponse:
    """``/rss/<category>`` and ``/atom/<category>``: the feed of the category."""
    categories = _read_categories(request, category)
    if isinstance(categories, HttpResponse):
        return categories
    path = reverse("papers:feed_arxiv", args=[str(categories)])
    return HttpResponseRedirect(f"{path}?format=rss" if kind == "rss" else path)


def redirect_to_categories(request: HttpRequest, category: str = "") -> HttpResponse:
    """``/archive/<archive>``, ``/list/``, ``/catchup`` and the like: the list, or all categories to choose from."""
    return redirect_list(request, category) if category else HttpResponseRedirect(reverse("papers:choose_categories"))


def redirect_latest_venue(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """``/venue/latest``: the venue whose paper was added last; all venues where there is none."""
    newest = Paper.objects.filter(venue__isnull=False).select_related("venue").order_by("-pk").first()
    if newest is None or newest.venue is None:
        return HttpResponseRedirect(reverse("papers:list_venues"))
    return HttpResponseRedirect(venue_path(newest.venue.slug, newest.venue_year))


def _read_categories(request: HttpRequest, text: str) -> CategorySet | HttpResponse:
    """The set of categories that an address names, or the page that says what is not known."""
    text = clean_spec(text)
    try:
        return parse_category_set(text, known=known_codes(revision=latest_revision()))
    except (UnknownCategory, TooManyCategories) as error:
        return place_missing(request, text, error)


def _to_list(categories: CategorySet, **parameters: str | date) -> HttpResponse:
    path = reverse("papers:show_arxiv", args=[str(categories)])
    return HttpResponseRedirect(f"{path}?{urlencode(parameters)}" if parameters else path)


def _period(categories: CategorySet, period: str) -> dict[str, str | date]:
    """The days of a period of arXiv's lists; empty where the list itself is the answer."""
    if period in ("recent", "pastweek"):
        days = count_days(categories, revision=latest_revision())[:RECENT_DAYS]
        return {"from": days[-1].day} if days else {}
    if period == "current":  # this month
        today = localdate()
        return {"from": today.replace(day=1), "to": today}
    if match := re.fullmatch(r"([0-9]{2,4}?)-?([0-9]{2})", period):
        try:
            first, last = month_ends(_full_year(match[1]), int(match[2]))
        except ValueError:
            return _year_range(period)
        return {"from": first, "to": last}
    return _year_range(period)


def _year_range(text: str) -> dict[str, str | date]:
    """Both ends of a year of two or four digits; empty for anything else."""
    if not re.fullmatch(r"[0-9]{2}|(?:19|20)[0-9]{2}", text):
        return {}
    year = _full_year(text)
    return {"from": date(year, 1, 1), "to": date(year, 12, 31)}


def _full_year(text: str) -> int:
    """arXiv began in 1991: 91 to 99 are the last century's."""
    if len(text) > 2:
        return int(text)
    return int(text) + (1900 if text >= "91" else 2000)
