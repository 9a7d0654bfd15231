"""Citations: the panel of a card, its page, and plain files of one or many papers."""

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
    """``/cite/<id>[,<id>…]``: all formats on a page (for htmx a panel), or with ``?format=`` that one as a text file.

    ``&download=1`` offers it for saving. Papers that are not here are left out; 404 where none is.
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
        "citations": [(one, cite(papers, one.name)) for one in FORMATS.values()],
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
    saving = bool(request.GET.get("download"))
    # Browsers save what they cannot show; to be read it is plain text, as arXiv's /bibtex is.
    media_type = chosen.media_type if saving or chosen.media_type.endswith("json") else "text/plain"
    response = HttpResponse(cite(papers, name), content_type=f"{media_type}; charset=utf-8")
    if saving:
        stem = paper_name(papers[0]).replace("/", "-") if len(papers) == 1 else "papers"
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stem, safe='')}.{chosen.extension}"
    return response


def _find_papers(idents: str) -> list[Paper]:
    """Papers in the order asked for, each once."""
    names = [name for name in idents.split(",") if name.strip()][:MAX_PAPERS]
    found = [find_named(name.strip())[0] for name in names]
    return list({paper.pk: paper for paper in found if paper is not None}.values())
