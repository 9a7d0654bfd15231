"""Pages behind shared links: an account's collection, or the papers listed in the link."""

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
from coolpapers.people.sharing.exporting_views import export_of_keys, send_export
from coolpapers.people.sharing.links import find_shared, owner_name, parse_fragment
from coolpapers.people.state.items import Collection, Member

Response = TypeVar("Response", bound=HttpResponseBase)


@require_safe
@never_cache
def show_shared(request: HttpRequest, token: str) -> HttpResponse:
    """``/shared/<token>``: the present state of a collection, read-only."""
    match = find_shared(token)
    if match is None:
        return _private(render(request, "people/collections_missing.html", {"was_shared": True}, status=404))
    shared, collection = match
    page = page_of_members(request, collection)
    context = {
        "collection": collection,
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
    match = find_shared(token)
    if match is None:
        raise Http404(_("Collection not found."))
    shared, collection = match
    notes = collection.notes if shared.with_notes else {}
    export = export_of_keys(collection.keys, title=collection.name, text=collection.note, notes=notes)
    return _private(send_export(request, export))


@csrf_exempt  # changes nothing; the page posts its own fragment
@never_cache
def show_named(request: HttpRequest) -> HttpResponse:
    """``/shared/#name=…&keys=…``: papers listed in the link; the page posts its fragment to fetch them."""
    has_fragment = request.method == "POST"
    name, keys = parse_fragment(request.POST.get("items", "")) if has_fragment else ("", [])
    collection = Collection("", name, "", tuple(Member(key, n) for n, key in enumerate(keys)))
    page = page_of_members(request, collection)
    context = {
        "collection": collection,
        "has_items": has_fragment,
        "path": request.path,
        "page": page,
        "cards": page.cards,
    }
    template = "people/_shared_named.html" if getattr(request, "htmx", False) else "people/shared_named.html"
    return _private(render(request, template, context))


def _private(response: Response) -> Response:
    """Keep the link private: search engines do not index the page, and outgoing links send no referrer."""
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
