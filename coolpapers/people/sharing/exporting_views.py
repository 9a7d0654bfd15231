"""Exports of whole lists: ``…/export?format=`` of searches, category lists, venues, selected papers and posted keys.

A file holds at most :data:`~coolpapers.people.sharing.exporting.MAX_PAPERS` papers. If the list is longer, the file
name says so, as does a remark in formats that allow one; the header ``X-Total-Count`` gives the length of the list.
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

from coolpapers.finding.authors.papers import find_author
from coolpapers.finding.authors.views import narrow_author
from coolpapers.finding.flags import resolver_of
from coolpapers.finding.pages.error_pages import answers_engine_errors
from coolpapers.finding.pages.forms import read_search_request
from coolpapers.finding.reader_orders import order_of
from coolpapers.finding.services import search_papers
from coolpapers.papers.lookup.former_keys import papers_by_any_keys
from coolpapers.papers.lookup.selectors import find_papers, papers_by_keys, papers_by_pks
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
    ListText,
    find_format,
    write_papers,
)
from search.engines.registry import search_backend
from search.vocabulary.identifiers import parse_identifiers

MAX_NOTE = 20_000  # characters of one note in a posted list


@dataclass(frozen=True, slots=True)
class Export:
    """The papers of a file, at most MAX_PAPERS, and ``total``, the length of the list."""

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
    by_key = papers_by_keys(hit.key for hit in page.hits)
    papers = [by_key[hit.key] for hit in page.hits if hit.key in by_key]
    title = _("Search: %(query)s") % {"query": question.text[:200]}
    return send_export(request, Export(papers, page.total, title=title))


@require_safe
def export_arxiv(request: HttpRequest, spec: str) -> HttpResponseBase:
    """``/arxiv/<categories>/export``, in the order of the list, or ``/arxiv/<id>,<id>…/export``."""
    spec = clean_spec(spec)
    if identifiers := parse_identifiers(spec):
        by_key = find_papers(identifiers[:MAX_PAPERS])
        matches = [by_key[identifier.key] for identifier in identifiers if identifier.key in by_key]
        papers = list({paper.pk: paper for paper in matches}.values())
        return send_export(request, Export(papers, len(papers)))
    try:
        listing = list_categories(spec, read_list_request(request.GET), revision=latest_revision())
    except (UnknownCategory, TooManyCategories) as error:
        return place_missing(request, spec, error)
    papers = listing.page(0, MAX_PAPERS)
    days = " – ".join(dict.fromkeys(str(day) for day in (listing.first, listing.last) if day))
    return send_export(request, Export(papers, listing.total, title=f"{listing.title} {days}".strip()))


@require_safe
def export_venue(request: HttpRequest, spec: str) -> HttpResponseBase:
    """``/venue/ICLR.2025/export``; ``group=`` selects one track."""
    try:
        listing = list_venue(clean_spec(spec), read_list_request(request.GET), revision=latest_revision())
    except UnknownVenue as error:
        return place_missing(request, spec, error)
    title = f"{listing.venue.label} {listing.track}".strip()
    papers = listing.page(0, MAX_PAPERS)
    return send_export(request, Export(papers, listing.papers.count(), title=title))


@require_safe
@answers_engine_errors
def export_author(request: HttpRequest, name: str) -> HttpResponseBase:
    """``/author/<name>/export``, with the ``year=`` and ``with=`` of the author's page."""
    author, _chosen = narrow_author(find_author(search_backend(), clean_spec(name)), request.GET)
    papers = papers_by_pks([paper.pk for paper in author.papers[:MAX_PAPERS]])
    return send_export(request, Export(papers, len(author.papers), title=author.name))


@csrf_exempt  # changes nothing and answers all readers alike
@require_POST
def export_keys(request: HttpRequest) -> HttpResponseBase:
    """A file of the papers in the form's ``key`` fields, with the ``note`` field after each.

    For lists that are stored in the browser only; the server stores nothing of the form.
    """
    keys, notes = request.POST.getlist("key"), request.POST.getlist("note")
    title, text = request.POST.get("title", "")[:200], request.POST.get("text", "")[:MAX_NOTE]
    notes_by_key = {key: note[:MAX_NOTE] for key, note in zip(keys, notes)}
    return send_export(request, export_of_keys(keys, title=title, text=text, notes=notes_by_key))


def export_of_keys(keys: Sequence[str], *, title: str, text: str = "", notes: Mapping[str, str]) -> Export:
    """The library's papers with these keys, deduplicated, in the order given."""
    unique_keys = list(dict.fromkeys(keys))
    by_key = papers_by_any_keys(unique_keys[:MAX_PAPERS])
    papers = list({paper.pk: paper for paper in by_key.values()}.values())
    current_notes = {paper.key: notes[key] for key, paper in by_key.items() if key in notes}
    total = len(papers) + max(0, len(unique_keys) - MAX_PAPERS)
    return Export(papers, total, title=title, text=text, notes=current_notes)


def send_export(request: HttpRequest, export: Export) -> HttpResponseBase:
    """Stream the file in the format of ``?format=``."""
    name = request.POST.get("format") or request.GET.get("format") or "bibtex"
    chosen = find_format(name)
    if chosen is None:
        return _unknown_format(name)
    is_truncated = export.total > len(export.papers)
    truncation = _truncation_note(len(export.papers), export.total) if is_truncated else ""
    list_text = ListText(title=export.title, text=export.text, notes=export.notes, truncation=truncation)
    content = (chunk.encode("utf-8", "replace") for chunk in write_papers(export.papers, chosen.name, list_text))
    response = StreamingHttpResponse(content, content_type=f"{chosen.media_type}; charset=utf-8")
    name = file_name(export.title, chosen, n_papers=len(export.papers) if is_truncated else None)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["X-Total-Count"] = str(export.total)
    response["X-Robots-Tag"] = "noindex"
    return response


def _truncation_note(n_papers: int, total: int) -> str:
    return _("The first %(n)s papers of %(total)s.") % {"n": intcomma(n_papers), "total": intcomma(total)}


def file_name(title: str, chosen: ExportFormat, *, n_papers: int | None) -> str:
    """A name valid on every file system; ``n_papers`` is the number of papers of a truncated file, else None."""
    stem = re.sub(r"[^\w.-]+", "-", title).strip("-.")[:80] or "papers"
    first = f"-first-{n_papers}" if n_papers is not None else ""
    return f"{stem}{first}.{chosen.extension}"


def _unknown_format(name: str) -> HttpResponse:
    message = _("Unknown format “%(name)s”; formats: %(known)s") % {
        "name": name[:40],
        "known": ", ".join(EXPORT_FORMATS),
    }
    return HttpResponseNotFound(message, content_type="text/plain; charset=utf-8")
