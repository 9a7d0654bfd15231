"""``/me/collections``: named, ordered lists of papers with notes. The pages work with and without an account.

Forms post to the page they are on: ``do`` names the change, and the answer is the updated page (for htmx its changing
part). :mod:`coolpapers.people.state.storage` says where the data is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from coolpapers.papers.pages.not_found import paper_missing
from coolpapers.papers.pages.redirects import find_named
from coolpapers.people.collections.cards import page_of_members
from coolpapers.people.models import SharedCollection
from coolpapers.people.sharing.exporting import EXPORT_FORMATS
from coolpapers.people.sharing.exporting_views import export_of_keys, send_export
from coolpapers.people.sharing.links import papers_link
from coolpapers.people.state.items import Collection, Items
from coolpapers.people.state.storage import (
    csrf_protect_accounts,
    has_items,
    load_items,
    parse_items,
    save_writes,
    serialize_items,
)
from coolpapers.people.state.writes import Write

Change = tuple[Sequence[Write], str]  # the writes to save, and the message for the reader


@csrf_protect_accounts
def list_collections(request: HttpRequest) -> HttpResponseBase:
    """All collections of the reader."""
    now = timezone.now()
    items = load_items(request, now=now)
    writes, message = _change_list(request.POST, items) if request.method == "POST" else ([], "")
    return _show_list(request, items, writes, message)


def _show_list(request: HttpRequest, items: Items, writes: Sequence[Write], message: str) -> HttpResponse:
    save_writes(request.user, writes)
    context = {
        "collections": items.after(writes).collections(),
        **_change_context(request, items, writes, message),
        "path": reverse("collections:list_collections"),
    }
    return _render(request, "collections", context)


def _change_list(form: QueryDict, items: Items) -> Change:
    do = form.get("do", "")
    if do == "new":
        name = form.get("name", "").strip()
        return (items.create(name), _("Created “%(name)s”.") % {"name": name[:120]}) if name else ([], "")
    if do == "restore":
        return items.restore(parse_items(form.get("removed", ""))), _("Restored.")
    collection = items.collection(form.get("ident", ""))
    if do == "delete" and collection is not None:
        return _delete(items, collection)
    return [], ""


def _delete(items: Items, collection: Collection) -> Change:
    return items.delete(collection), _("Deleted “%(name)s”.") % {"name": collection.name}


@csrf_protect_accounts
def show_collection(request: HttpRequest, ident: str) -> HttpResponseBase:
    """One collection: its papers in the reader's order, with the reader's notes."""
    items = load_items(request, now=timezone.now())
    collection = items.collection(ident)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    is_fragment = bool(getattr(request, "htmx", False))  # has its own message for a missing collection
    if collection is None and has_items(request) and do != "restore" and not is_fragment:
        return render(request, "people/collections_missing.html", status=404)
    if do == "delete" and collection is not None:
        return _show_list(request, items, *_delete(items, collection))
    writes, message = _change_collection(request, items, collection) if do else ([], "")
    save_writes(request.user, writes)
    collection = items.after(writes).collection(ident)
    context = {
        **_change_context(request, items, writes, message),
        "path": request.path,
        "collection": collection,
        "ident": ident,
        "opened": do,
    }
    if collection is not None:
        page = page_of_members(request, collection)
        context |= {"page": page, "cards": page.cards, "formats": EXPORT_FORMATS.values()}
        context |= _sharing(request, collection)
    return _render(request, "collection", context)


def _change_collection(request: HttpRequest, items: Items, collection: Collection | None) -> Change:
    form = request.POST
    do, key = form.get("do", ""), form.get("key", "")
    if do == "restore":
        return items.restore(parse_items(form.get("removed", ""))), _("Restored.")
    if collection is None:
        return [], ""
    if do in ("up", "down", "top"):
        step = {"up": -1, "down": 1, "top": -len(collection.members)}[do]
        writes = items.move(collection, key, by=step)
        return writes, _("Moved.") if writes else _("Already in that position.")
    if do == "remove":
        return items.remove_paper(collection, key), _("Removed from “%(name)s”.") % {"name": collection.name}
    if do == "note":
        return items.annotate(collection, key, form.get("note", "")), _("Note saved.")
    if do == "edit":
        return items.edit(collection, name=form.get("name", ""), note=form.get("note", "")), _("Saved.")
    if do in ("share", "unshare") and request.user.is_authenticated:
        return [], _share(request, collection, is_shared=do == "share")
    return [], ""


def _share(request: HttpRequest, collection: Collection, *, is_shared: bool) -> str:
    """Create the collection's link, or revoke it for good: a later link has another token."""
    links = _links_of(request, collection)
    if not is_shared:
        links.delete()
        return _("Link revoked.")
    SharedCollection.objects.update_or_create(
        user_id=request.user.pk or 0,
        collection=collection.ident,
        defaults={"with_notes": bool(request.POST.get("with_notes"))},
    )
    return _("Anyone with the link can read this collection.")


def _links_of(request: HttpRequest, collection: Collection) -> QuerySet[SharedCollection]:
    return SharedCollection.objects.filter(user_id=request.user.pk or 0, collection=collection.ident)


def _sharing(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    """The link to the collection: with a token for an account; otherwise the link itself lists the papers."""
    if not request.user.is_authenticated:
        path = papers_link(collection.keys, name=collection.name)
        return {"link": request.build_absolute_uri(path), "is_shared": True}
    shared = _links_of(request, collection).first()
    if shared is None:
        return {"is_shared": False}
    path = reverse("collections:show_shared", args=[shared.token])
    return {"link": request.build_absolute_uri(path), "is_shared": True, "with_notes": shared.with_notes}


@require_safe
@csrf_protect_accounts
def export_collection(request: HttpRequest, ident: str) -> HttpResponseBase:
    """``?format=``: an account's collection as a file, with notes in formats that support them."""
    collection = load_items(request, now=timezone.now()).collection(ident)
    if collection is None:
        raise Http404(_("Collection not found."))
    export = export_of_keys(collection.keys, title=collection.name, text=collection.note, notes=collection.notes)
    return send_export(request, export)


@csrf_protect_accounts
def collect_paper(request: HttpRequest, name: str) -> HttpResponseBase:
    """``/me/collect/<paper>``: the reader's collections as buttons that add or remove the paper."""
    paper, identifier = find_named(name)
    if paper is None:
        return paper_missing(request, identifier, name)
    items = load_items(request, now=timezone.now())
    writes, message = _collect(request.POST, items, paper.key) if request.method == "POST" else ([], "")
    save_writes(request.user, writes)
    collections = items.after(writes).collections()
    context = {
        "paper": paper,
        "choices": [(collection, paper.key in collection.keys) for collection in collections],
        **_change_context(request, items, writes, message),
        "path": request.path,
    }
    return _render(request, "collect", context)


def _collect(form: QueryDict, items: Items, key: str) -> Change:
    if name := form.get("name", "").strip():
        return items.create(name, keys=[key]), _("Added to “%(name)s”.") % {"name": name[:120]}
    collection = items.collection(form.get("ident", ""))
    if collection is None:
        return [], ""
    if key in collection.keys:
        return items.remove_paper(collection, key), _("Removed from “%(name)s”.") % {"name": collection.name}
    return items.add_papers(collection, [key]), _("Added to “%(name)s”.") % {"name": collection.name}


# ---- pages -------------------------------------------------------------------------------------------


def _change_context(request: HttpRequest, items: Items, writes: Sequence[Write], message: str) -> dict[str, Any]:
    """The change just made: its writes for the browser, its message, and how to undo it."""
    removed = items.deleted_by(writes)
    return {
        "has_items": has_items(request),
        "writes": serialize_items(writes),
        "undo": serialize_items(removed) if removed else "",
        "message": message,
        "site_name": settings.SITE_NAME,
    }


def _render(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or for htmx its changing part."""
    template = f"people/_{name}.html" if getattr(request, "htmx", False) else f"people/{name}.html"
    return render(request, template, context)
