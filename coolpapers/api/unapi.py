"""unAPI: papers in the formats of reference managers; http://unapi.info/specs/

A page names its papers in ``<abbr class="unapi-id" title="…">`` and this service in ``<link rel="unapi-server">``.
"""

from __future__ import annotations

from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from coolpapers.api.resources.lookup import MAX_NAME, find_all
from coolpapers.base.throttling import limit_rate
from coolpapers.papers.citations import FORMATS, CitationFormat, cite

# Format's name in unAPI → ours. Zotero prefers rdf_zotero, in which preprints stay preprints.
UNAPI_FORMATS: dict[str, CitationFormat] = {
    "rdf_zotero": FORMATS["zotero"],
    "ris": FORMATS["ris"],
    "bibtex": FORMATS["bibtex"],
    "csl-json": FORMATS["csl"],
    "refer": FORMATS["endnote"],
    "markdown": FORMATS["markdown"],
    "text": FORMATS["text"],
}
XML = "application/xml; charset=utf-8"


@require_safe
@limit_rate("unapi", "FEED_RATE")
def serve_unapi(request: HttpRequest) -> HttpResponse:
    """``/unapi``: the formats; ``?id=``: those of a paper (300); ``?id=&format=``: the paper in that format.

    404 for an unknown paper, 406 for an unknown format, 400 for a format without an id.
    """
    name, format_name = request.GET.get("id", ""), request.GET.get("format", "")
    if not name:
        return _text(400, "A format needs an id.") if format_name else _list_formats(request)
    # Some clients send the id as it is on the page, others encode it once more.
    papers = find_all([name[: MAX_NAME + 1]])[0] or find_all([unquote(name[: MAX_NAME + 1])])[0]
    if not papers:
        return _text(404, "This library has no such paper.")
    if not format_name:
        return _list_formats(request, name=name, status=300)
    if format_name not in UNAPI_FORMATS:
        return _text(406, f"The formats are: {', '.join(UNAPI_FORMATS)}.")
    chosen = UNAPI_FORMATS[format_name]
    return HttpResponse(cite(papers, chosen.name), content_type=f"{chosen.media_type}; charset=utf-8")


def _list_formats(request: HttpRequest, *, name: str = "", status: int = 200) -> HttpResponse:
    context = {"id": name, "formats": UNAPI_FORMATS.items()}
    return render(request, "api/unapi.xml", context, content_type=XML, status=status)


def _text(status: int, message: str) -> HttpResponse:
    return HttpResponse(message + "\n", status=status, content_type="text/plain; charset=utf-8")
