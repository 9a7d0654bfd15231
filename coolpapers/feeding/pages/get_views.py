"""``/get/<identifier>``: have a paper fetched that the library lacks, and wait for it."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from coolpapers.base.throttling import Rate, check_rate, client_name
from coolpapers.feeding.errors import TooManyRequests
from coolpapers.feeding.ondemand.registries import can_fetch
from coolpapers.feeding.ondemand.requests import find_request, may_get, read_name, request_paper, words_of
from coolpapers.feeding.tasks import get_requested_papers
from coolpapers.papers.lookup.selectors import find_paper
from coolpapers.papers.names.permalinks import paper_path
from search.vocabulary.identifier_forms import Identifier

REQUEST_RATE = Rate(20, per_s=3600)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def get_paper(request: HttpRequest, name: str) -> HttpResponse:
    """POST asks for the paper; GET shows how far it is, and leads to it when it is there.

    For htmx the answer is the part of the page that asks again; without it the page has a link to itself.
    """
    identifier = read_name(name)
    if identifier is None or not can_fetch(identifier):
        raise Http404(_("No registry gives papers by “%(name)s”.") % {"name": name[:80]})
    if (paper := find_paper(identifier)) is not None:
        return _lead_to(request, paper_path(paper))
    problem, status = "", HTTPStatus.OK
    if request.method == "POST":
        problem, status = _ask(request, identifier)
        if not problem and not _is_htmx(request):
            return HttpResponseRedirect(reverse("feeding:get_paper", args=[name]))
    return _show(request, identifier, name, problem=problem, status=status)


def _ask(request: HttpRequest, identifier: Identifier) -> tuple[str, HTTPStatus]:
    """Queue the request; return a message for the reader if that fails."""
    if not may_get(request):
        return _("This site fetches no papers for you."), HTTPStatus.FORBIDDEN
    if check_rate("get", client_name(request), REQUEST_RATE):
        return _("You have asked for many papers; try again later."), HTTPStatus.TOO_MANY_REQUESTS
    try:
        request_paper(identifier, now=timezone.now())
    except TooManyRequests:
        return _("Too many papers are queued; try again later."), HTTPStatus.TOO_MANY_REQUESTS
    get_requested_papers.delay()
    return "", HTTPStatus.OK


def _show(request: HttpRequest, identifier: Identifier, name: str, *, problem: str, status: HTTPStatus) -> HttpResponse:
    waiting = find_request(identifier)
    if (paper := find_paper(identifier)) is not None:  # a site without workers fetched it within the request
        return _lead_to(request, paper_path(paper))
    context = {
        "name": name,
        "identifier": identifier,
        "waiting": waiting,
        "problem": problem or (words_of(waiting.error) if waiting else ""),
        "may_get": may_get(request),
    }
    template = "feeding/_get.html" if _is_htmx(request) else "feeding/get.html"
    return render(request, template, context, status=HTTPStatus.OK if _is_htmx(request) else status)


def _lead_to(request: HttpRequest, path: str) -> HttpResponse:
    if _is_htmx(request):
        return HttpResponse(headers={"HX-Redirect": path})
    return HttpResponseRedirect(path)


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
