"""Citations: the panel of a card, a page, and plain files of one or many papers."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from coolpapers.papers.citations import FORMATS, cite
from coolpapers.papers.models import Paper
from coolpapers.papers.names.permalinks import paper_name
from coolpapers.papers.pages.not_found import paper_missing
from coolpapers.papers.pages.redirects import find_named

MAX_PAPERS = 500  # in one address


@require_safe
def show_citation(request: HttpRequest, idents: str) -> HttpResponse:
    """``/cite/<id>[,<id>…]``: all formats on a page (for htmx a panel), or with ``?format=`` one format as text.

    ``&download=1`` sends it as an attachment. Unknown papers are left out; 404 if all are unknown.
    """
    papers = _find_papers(idents)
    if not papers:
        return paper_missing(request, find_named(idents)[1], idents)
    if "format" in request.GET:
        return _send_format(request, papers, request.GET["format"])
    context = {
        "papers": papers,
        "panel_id": f"cite-{papers[0].pk}",
        "path": reverse("reading:show_citation", args=[",".join(paper_name(paper) for paper in papers)]),
        "citations": [(citation_format, cite(papers, citation_format.name)) for citation_format in FORMATS.values()],
    }
    template = "reading/_citation.html" if getattr(request, "htmx", False) else "reading/citation_detail.html"
    return render(request, template, context)


def _send_format(request: HttpRequest, papers: Sequence[Paper], name: str) -> HttpResponse:
    if name not in FORMATS:
        message = _("Unknown format “%(name)s”; formats: %(known)s") % {
            "name": name[:40],
            "known": ", ".join(FORMATS),
        }
        return HttpResponseNotFound(message, content_type="text/plain; charset=utf-8")
    chosen = FORMATS[name]
    is_download = bool(request.GET.get("download"))
    # Plain text for display, like arXiv's /bibtex: browsers download media types that they cannot show.
    media_type = chosen.media_type if is_download or chosen.media_type.endswith("json") else "text/plain"
    response = HttpResponse(cite(papers, name), content_type=f"{media_type}; charset=utf-8")
    if is_download:
        stem = paper_name(papers[0]).replace("/", "-") if len(papers) == 1 else "papers"
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stem, safe='')}.{chosen.extension}"
    return response


def _find_papers(idents: str) -> list[Paper]:
    """Papers in the order given, deduplicated."""
    names = [name for name in idents.split(",") if name.strip()][:MAX_PAPERS]
    papers = [find_named(name.strip())[0] for name in names]
    return list({paper.pk: paper for paper in papers if paper is not None}.values())
