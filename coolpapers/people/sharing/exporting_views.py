"""Files of a whole list: ``…/export?format=`` of searches, category lists, venues and chosen papers, and of papers
that a page names by their keys.

A file holds at most :data:`~coolpapers.people.sharing.exporting.MAX_PAPERS` papers. Where the list is longer, the
file's name
says so, formats that can hold a remark hold one, and the header ``X-Total-Count`` has the length of the list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from coolpapers.finding.flags import resolver_of
from coolpapers.finding.pages.error_pages import answers_engine_errors
from coolpapers.finding.pages.forms import read_search_request
from coolpapers.finding.reader_orders import order_of
from coolpapers.finding.services import search_papers
from coolpapers.papers.lookup.former_keys import papers_by_any_keys
from coolpapers.papers.lookup.selectors import find_papers, page_of, papers_by_keys
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.names.category_sets import TooManyCategories, UnknownCategory
from coolpapers.papers.names.permalinks import clean_spec
from coolpapers.papers.pages.forms import read_list_request
from coolpapers.papers.pages.listing import UnknownVenue, list_categories, list_venue
from coolpapers.papers.pages.not_found import place_missing
from coolpapers.people.sharing.exporting import (
    EXPORT_FORMATS,
    MAX_PAPERS,
    ExportFormat,
    Shelf,
    find_format,
    write_papers,
)
from search.vocabulary.identifiers import parse_identifiers

MAX_NOTE = 20_000  # characters of one note in a posted list


@dataclass(frozen=True, slots=True)
class Wanted:
    """Papers to write to a file: those of the list that fit, and how many it has."""

    papers: Sequence[Paper]
    total: int
    title: str = ""
    text: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


@require_safe
@answers_engine_errors
def export_search(request: HttpRequest) -> HttpResponseBase:
    """``/search/export?q=…&format=``: the hits of a search in its order."""
    question = replace(read_search_request(request.GET).question, start=0, top_k=MAX_PAPERS, explain=False)
    order = order_of(question.sort, request)
    page = search_papers(question, resolve_flag=resolver_of(request), order=order)
    found = papers_by_keys(hit.key for hit in page.hits)
    papers = [found[hit.key] for hit in page.hits if hit.key in found]
    return send_export(
        request, Wanted(papers, page.total, title=_("Search: %(query)s") % {"query": question.text[:200]})
    )


@require_safe
def export_arxiv(request: HttpRequest, spec: str) -> HttpResponseBase:
    """``/arxiv/<categories>/export`` as the list shows them, or ``/arxiv/<id>,<id>…/export``."""
    spec = clean_spec(spec)
    if identifiers := parse_identifiers(spec):
        found = find_papers(identifiers[:MAX_PAPERS])
        papers = list({found[one.key].pk: found[one.key] for one in identifiers if one.key in found}.values())
        return send_export(request, Wanted(papers, len(papers)))
    try:
        listing = list_categories(spec, read_list_request(request.GET), revision=latest_revision())
    except (UnknownCategory, TooManyCategories) as error:
        return place_missing(request, spec, error)
    papers = page_of(listing.papers, 0, MAX_PAPERS)
    days = " – ".join(dict.fromkeys(str(day) for day in (listing.first, listing.last) if day))
    return send_export(request, Wanted(papers, listing.total, title=f"{listing.title} {days}".strip()))


@require_safe
def export_venue(request: HttpRequest, spec: str) -> HttpResponseBase:
    """``/venue/ICLR.2025/export``, of one track with ``group=``."""
    try:
        listing = list_venue(clean_spec(spec), read_list_request(request.GET), revision=latest_revision())
    except UnknownVenue as error:
        return place_missing(request, spec, error)
    title = " ".join([listing.venue.ident.replace(".", " "), listing.track]).strip()
    papers = page_of(listing.papers, 0, MAX_PAPERS)
    return send_export(request, Wanted(papers, listing.papers.count(), title=title))


@csrf_exempt  # changes nothing, and answers everyone alike
@require_POST
def export_keys(request: HttpRequest) -> HttpResponseBase:
    """A file of the papers whose ``key`` fields the form holds, each with the ``note`` field beside it.

    For lists that only the browser knows: nothing of the form is kept.
    """
    keys, notes = request.POST.getlist("key"), request.POST.getlist("note")
    title, text = request.POST.get("title", "")[:200], request.POST.get("text", "")[:MAX_NOTE]
    own = {key: note[:MAX_NOTE] for key, note in zip(keys, notes)}
    return send_export(request, wanted_by_keys(keys, title=title, text=text, notes=own))


def wanted_by_keys(keys: Sequence[str], *, title: str, text: str = "", notes: Mapping[str, str]) -> Wanted:
    """The papers with these keys that the library has, each once, in the order given."""
    wanted = list(dict.fromkeys(keys))
    found = papers_by_any_keys(wanted[:MAX_PAPERS])
    papers = list({paper.pk: paper for paper in found.values()}.values())
    own = {paper.key: notes[key] for key, paper in found.items() if key in notes}
    return Wanted(papers, len(papers) + max(0, len(wanted) - MAX_PAPERS), title=title, text=text, notes=own)


def send_export(request: HttpRequest, wanted: Wanted) -> HttpResponseBase:
    """The file in the form that the address asks for, piece by piece."""
    name = request.POST.get("format") or request.GET.get("format") or "bibtex"
    chosen = find_format(name)
    if chosen is None:
        return _no_such_format(name)
    is_cut = wanted.total > len(wanted.papers)
    cut = _cut_sentence(len(wanted.papers), wanted.total) if is_cut else ""
    shelf = Shelf(title=wanted.title, text=wanted.text, notes=wanted.notes, cut=cut)
    content = (piece.encode("utf-8", "replace") for piece in write_papers(wanted.papers, chosen.name, shelf))
    response = StreamingHttpResponse(content, content_type=f"{chosen.media_type}; charset=utf-8")
    name = file_name(wanted.title, chosen, n_papers=len(wanted.papers) if is_cut else None)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["X-Total-Count"] = str(wanted.total)
    response["X-Robots-Tag"] = "noindex"
    return response


def _cut_sentence(n_papers: int, total: int) -> str:
    return _("The first %(n)s papers of %(total)s.") % {"n": intcomma(n_papers), "total": intcomma(total)}


def file_name(title: str, chosen: ExportFormat, *, n_papers: int | None) -> str:
    """A name that every file system takes; ``n_papers`` where they are only the first of a longer list."""
    stem = re.sub(r"[^\w.-]+", "-", title).strip("-.")[:80] or "papers"
    first = f"-first-{n_papers}" if n_papers is not None else ""
    return f"{stem}{first}.{chosen.extension}"


def _no_such_format(name: str) -> HttpResponse:
    message = _("Unknown format “%(name)s”; formats: %(known)s") % {
        "name": name[:40],
        "known": ", ".join(EXPORT_FORMATS),
    }
    return HttpResponseNotFound(message, content_type="text/plain; charset=utf-8")
