"""Help: the documentation for readers, and the card of the first minutes."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from coolpapers.finding.help.documents import HELP_PAGES, help_titles, read_help

COOKIE = "first_minutes"
COOKIE_S = 10 * 365 * 24 * 3600  # "for good": browsers shorten it to what they allow


@require_safe
def show_page(request: HttpRequest, name: str = "first-steps") -> HttpResponse:
    """``/help/``, ``/help/<name>``: a page of the documentation in the reader's language."""
    if name not in HELP_PAGES:
        raise Http404
    language = get_language() or settings.LANGUAGE_CODE
    context = {"page": read_help(name, language), "pages": help_titles(language), "language": language}
    return render(request, "search/help.html", context)


@csrf_exempt  # sets a cookie that says nothing about the reader
@require_POST
def dismiss_first_minutes(request: HttpRequest) -> HttpResponse:
    """Never show the card of the first minutes in this browser again; back to the page, or for htmx nothing."""
    target = request.POST.get("next", "")
    is_own = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    is_part = getattr(request, "htmx", False)
    response = HttpResponse() if is_part else HttpResponseRedirect(target if is_own else "/")
    response.set_cookie(COOKIE, "done", max_age=COOKIE_S, samesite="Lax", httponly=True, secure=request.is_secure())
    return response
