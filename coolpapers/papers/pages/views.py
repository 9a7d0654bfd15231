"""Pages of the catalogue: home, lists by category and by venue, chosen papers, one paper.

Start at :func:`show_arxiv` and :func:`show_venue`, which tell papers from lists by their address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.timezone import localdate, now
from django.views.decorators.csrf import csrf_exempt

from coolpapers.papers.lookup.readers import READER_SORTS
from coolpapers.papers.lookup.selectors import (
    count_tracks,
    find_paper,
    find_papers,
)
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.names.category_sets import TooManyCategories, UnknownCategory
from coolpapers.papers.names.permalinks import clean_spec, paper_path
from coolpapers.papers.pages.cards import Card, make_cards
from coolpapers.papers.pages.density import remember_density
from coolpapers.papers.pages.forms import (
    LIST_SORTS,
    RANGE_PARAMETERS,
    VENUE_SORTS,
    ListRequest,
    first_new_row,
    kept_parameters,
    read_list_request,
)
from coolpapers.papers.pages.home import read_home
from coolpapers.papers.pages.listing import (
    CategoryListing,
    UnknownVenue,
    VenueListing,
    keys_of_day,
    list_categories,
    list_venue,
)
from coolpapers.papers.pages.month_calendar import Month, make_month
from coolpapers.papers.pages.narrowing.refinements import category_refinements, venue_refinements
from coolpapers.papers.pages.not_found import paper_missing, place_missing
from coolpapers.papers.pages.paging import Paging
from coolpapers.papers.pages.reader_orders import page_for_reader
from coolpapers.papers.pages.redirects import find_named
from coolpapers.papers.pages.venue_index import read_venue_index
from search.vocabulary.identifier_forms import Identifier
from search.vocabulary.identifiers import parse_identifier, parse_identifiers

MAX_CHOSEN = 200  # papers on one page by their identifiers
STARTER_COOKIE = "starter"  # set once the reader has closed the introduction of the starter library
STARTER_COOKIE_AGE_S = 10 * 365 * 24 * 3600
PANE_CACHE_S = 300  # the reading pane fetches the next paper of a list in advance


def show_home(request: HttpRequest) -> HttpResponse:
    """``/``; ``?dismiss=starter`` closes the introduction of the starter library for good in this browser."""
    if request.GET.get("dismiss") == "starter":
        response = HttpResponseRedirect(reverse("papers:show_home"))
        response.set_cookie(
            STARTER_COOKIE, "seen", max_age=STARTER_COOKIE_AGE_S, samesite="Lax", secure=request.is_secure()
        )
        return response
    revision = latest_revision()
    home = read_home(revision=revision, now=now())
    context = {
        "home": home,
        "revision": revision,
        "today": localdate(),
        "density": "list",
        "introduces_starter": home.state.is_starter and STARTER_COOKIE not in request.COOKIES,
        "may_update": request.user.is_staff or settings.ACCOUNTS == "off",
    }
    return render(request, "papers/home.html", context)


@csrf_exempt  # changes nothing; a browser sends what it keeps, for the order by preference
def show_arxiv(request: HttpRequest, spec: str) -> HttpResponse:
    """``/arxiv/<id>[,<id>…]`` or ``/arxiv/<categories>``."""
    spec = clean_spec(spec)
    identifiers = parse_identifiers(spec)
    if len(identifiers) == 1:
        return show_identified(request, identifiers[0])
    if identifiers:
        return show_chosen(request, identifiers)
    wanted, revision = read_list_request(request.GET), latest_revision()
    try:
        listing = list_categories(spec, wanted, revision=revision)
    except (UnknownCategory, TooManyCategories) as error:
        return place_missing(request, spec, error)
    paging = Paging(wanted.start, wanted.size, listing.total)
    context = {
        "listing": listing,
        "canonical_path": reverse("papers:show_arxiv", args=[str(listing.categories)]),
        "month": _month_of(listing),
        "day_keys": keys_of_day(listing, revision=revision),
        "sort": wanted.sort or "newest",
        "sorts": LIST_SORTS,
        **category_refinements(request, listing, wanted, revision=revision),
        **_list_context(request, listing, paging, wanted),
    }
    return render_list(request, "papers/category_list.html", context)


def list_venues(request: HttpRequest) -> HttpResponse:
    """``/venue/``: all venues with their years; ``q=`` filters them, for htmx only the lists."""
    index = read_venue_index(request.GET.get("q", ""), revision=latest_revision())
    is_fragment = bool(getattr(request, "htmx", False))
    template = "papers/_venue_lists.html" if is_fragment else "papers/venue_index.html"
    response = render(request, template, {"index": index})
    patch_vary_headers(response, ["HX-Request"])
    return response


@csrf_exempt  # as show_arxiv
def show_venue(request: HttpRequest, spec: str) -> HttpResponse:
    """``/venue/ICLR.2025``, ``/venue/ICLR``, or papers as ``/venue/<ident>@<source>``."""
    spec = clean_spec(spec)
    if "@" in spec:
        return _show_papers_at(request, spec)
    wanted = read_list_request(request.GET)
    revision = latest_revision()
    try:
        listing = list_venue(spec, wanted, revision=revision)
    except UnknownVenue as error:
        return place_missing(request, spec, error)
    tracks = count_tracks(listing.venue)
    total = listing.papers.count() if listing.track else listing.venue.n_papers
    context = {
        "listing": listing,
        "tracks": tracks,
        "canonical_path": reverse("papers:show_venue", args=[listing.venue.ident]),
        "sort": wanted.sort or "track",
        "sorts": VENUE_SORTS,
        **venue_refinements(request, listing),
        **_list_context(request, listing, Paging(wanted.start, wanted.size, total), wanted),
    }
    return render_list(request, "papers/venue_list.html", context)


def _show_papers_at(request: HttpRequest, spec: str) -> HttpResponse:
    """One paper by the ident of its source, or several with commas between."""
    several = [part.strip() for part in spec.split(",") if part.strip()]
    if len(several) == 1 or not all("@" in part or parse_identifier(part) for part in several):
        several = [spec]
    found = [find_named(part)[0] for part in several[:MAX_CHOSEN]]
    papers = [paper for paper in found if paper is not None]
    if len(several) == 1:
        return _show_at_home(request, papers[0]) if papers else paper_missing(request, parse_identifier(spec), spec)
    missing = [part for part, paper in zip(several, found) if paper is None]
    return _show_cards(request, papers, missing)


def _show_at_home(request: HttpRequest, paper: Paper) -> HttpResponse:
    """The paper's page; a paper that arXiv has too lives at its arXiv id."""
    return HttpResponseRedirect(paper_path(paper)) if paper.arxiv_id else show_paper(request, paper)


def show_identified(request: HttpRequest, identifier: Identifier) -> HttpResponse:
    """The page of the paper that an identifier names; a paper elsewhere than asked for is led to."""
    paper = find_paper(identifier)
    if paper is None:
        return paper_missing(request, identifier, str(identifier))
    if identifier.source != "arxiv" or paper.arxiv_id != identifier.value:
        return HttpResponseRedirect(paper_path(paper))
    return show_paper(request, paper, version=identifier.version)


def show_chosen(request: HttpRequest, identifiers: Sequence[Identifier]) -> HttpResponse:
    """Several papers by their identifiers, in the order given."""
    wanted = identifiers[:MAX_CHOSEN]
    found = find_papers(wanted)
    papers = list({found[one.key].pk: found[one.key] for one in wanted if one.key in found}.values())
    return _show_cards(request, papers, [str(one) for one in wanted if one.key not in found])


def _show_cards(request: HttpRequest, papers: Sequence[Paper], missing: Sequence[str]) -> HttpResponse:
    context = {
        "cards": make_cards(papers),
        "missing": missing,
        "paging": Paging(0, MAX_CHOSEN, len(papers)),
    }
    return render(request, "papers/chosen_list.html", context, status=200 if papers else 404)


def show_paper(request: HttpRequest, paper: Paper, *, version: int | None = None) -> HttpResponse:
    """One paper with all its sources and versions; for htmx what the reading pane shows of it."""
    context = {
        "paper": paper,
        "card": Card(paper),
        "versions": paper.versions.all(),
        "version": version,
        "canonical_path": paper_path(paper),
    }
    if getattr(request, "htmx", False):
        response = render(request, "papers/_pane_paper.html", context)
        patch_cache_control(response, private=True, max_age=PANE_CACHE_S)
    else:
        response = render(request, "papers/paper_detail.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _list_context(
    request: HttpRequest, listing: CategoryListing | VenueListing, paging: Paging, wanted: ListRequest
) -> dict[str, Any]:
    notes: tuple[str, ...] = ()
    if wanted.sort in READER_SORTS:
        papers, notes = page_for_reader(request, listing.papers, wanted.sort, start=paging.start, size=paging.size)
    else:
        papers = listing.page(paging.start, paging.size)
    return {
        "cards": make_cards(papers, start=paging.start),
        "paging": paging,
        "notes": [*wanted.notes, *notes],
    }


def render_list(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or for htmx the next cards only."""
    is_fragment = bool(getattr(request, "htmx", False))
    first_new = first_new_row(request)
    if first_new is not None:
        context["cards"] = [replace(card, is_new=card.paper.pk >= first_new) for card in context["cards"]]
        context["n_new"] = sum(card.is_new for card in context["cards"])
        context["marks_new"] = True
    context["is_fragment"] = is_fragment
    context["kept_parameters"] = kept_parameters(request.GET, without=RANGE_PARAMETERS)
    response = render(request, "papers/_cards.html" if is_fragment else template, context)
    # The two differ at one address: a browser that goes back must not be shown the fragment as a page.
    patch_vary_headers(response, ["HX-Request"])
    remember_density(request, response)
    return response


def _month_of(listing: CategoryListing) -> Month | None:
    """The month that the list ends in; None where nothing is dated."""
    newest = listing.days[0].day if listing.days else None
    shown = listing.last or listing.first or newest
    if shown is None or newest is None:
        return None
    first_weekday = (int(formats.get_format("FIRST_DAY_OF_WEEK")) - 1) % 7  # Django counts from Sunday, 0
    return make_month(listing.days, shown=shown, first=listing.first, last=listing.last, first_weekday=first_weekday)
