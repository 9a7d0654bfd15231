"""Pages for those who were given a link: a shared collection, or papers that the link itself names."""

from __future__ import annotations

from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from coolpapers.people.collections.cards import page_of_members
from coolpapers.people.sharing.exporting import EXPORT_FORMATS
from coolpapers.people.sharing.exporting_views import send_export, wanted_by_keys
from coolpapers.people.sharing.links import find_shared, owner_name, read_named
from coolpapers.people.state.items import Collection, Member

Response = TypeVar("Response", bound=HttpResponseBase)


@require_safe
@never_cache
def show_shared(request: HttpRequest, token: str) -> HttpResponse:
    """``/shared/<token>``: a collection as its owner has it now, to be read only."""
    found = find_shared(token)
    if found is None:
        return _private(render(request, "people/collections_missing.html", {"was_shared": True}, status=404))
    shared, one = found
    page = page_of_members(request, one)
    context = {
        "one": one,
        "owner": owner_name(shared.user),
        "formats": EXPORT_FORMATS.values(),
        "page": page,
        "cards": page.cards,
        "shows_notes": shared.with_notes,
    }
    return _private(render(request, "people/shared.html", context))


@require_safe
@never_cache
def export_shared(request: HttpRequest, token: str) -> HttpResponseBase:
    found = find_shared(token)
    if found is None:
        raise Http404(_("Collection not found."))
    shared, one = found
    notes = one.notes if shared.with_notes else {}
    return _private(send_export(request, wanted_by_keys(one.keys, title=one.name, text=one.note, notes=notes)))


@csrf_exempt  # changes nothing; what stands behind # is sent by the page itself
@never_cache
def show_named(request: HttpRequest) -> HttpResponse:
    """``/shared/#name=…&keys=…``: papers that a link names; the page asks for them with what stands behind ``#``."""
    is_known = request.method == "POST"
    name, keys = read_named(request.POST.get("items", "")) if is_known else ("", [])
    one = Collection("", name, "", tuple(Member(key, n) for n, key in enumerate(keys)))
    page = page_of_members(request, one)
    context = {"one": one, "is_known": is_known, "path": request.path, "page": page, "cards": page.cards}
    template = "people/_shared_named.html" if getattr(request, "htmx", False) else "people/shared_named.html"
    return _private(render(request, template, context))


def _private(response: Response) -> Response:
    """For those with the link only: no search engine lists it, and links out of the page do not tell it."""
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
