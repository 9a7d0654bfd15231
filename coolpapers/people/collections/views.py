"""``/me/collections``: lists of papers with names, notes and an order. Works the same with and without account.

Each page is also what its forms post to: ``do`` says what to change, and the answer is the page as it then is (for
htmx its part). :mod:`coolpapers.people.state.storage` says where things are kept.
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
from coolpapers.people.sharing.exporting_views import send_export, wanted_by_keys
from coolpapers.people.sharing.links import link_of_keys
from coolpapers.people.state.items import Collection, Items
from coolpapers.people.state.storage import guarded, items_of, keep, read_items, write_items
from coolpapers.people.state.writes import Write

Change = tuple[Sequence[Write], str]  # what to keep, and what to say of it


@guarded
def list_collections(request: HttpRequest) -> HttpResponseBase:
    """All collections of the reader."""
    now = timezone.now()
    items = items_of(request, now=now)
    writes, message = _change_list(request.POST, items) if request.method == "POST" else ([], "")
    return _show_list(request, items, writes, message)


def _show_list(request: HttpRequest, items: Items, writes: Sequence[Write], message: str) -> HttpResponse:
    keep(request.user, writes)
    context = {
        "collections": items.after(writes).collections(),
        **_kept(request, items, writes, message),
        "path": reverse("collections:list_collections"),
    }
    return _render(request, "collections", context)


def _change_list(form: QueryDict, items: Items) -> Change:
    do = form.get("do", "")
    if do == "new":
        name = form.get("name", "").strip()
        return (items.create(name), _("Created “%(name)s”.") % {"name": name[:120]}) if name else ([], "")
    if do == "restore":
        return items.restore(read_items(form.get("removed", ""))), _("Restored.")
    one = items.collection(form.get("ident", ""))
    if do == "delete" and one is not None:
        return _delete(items, one)
    return [], ""


def _delete(items: Items, one: Collection) -> Change:
    return items.delete(one), _("Deleted “%(name)s”.") % {"name": one.name}


@guarded
def show_collection(request: HttpRequest, ident: str) -> HttpResponseBase:
    """One collection: its papers in the reader's order, with the reader's notes."""
    items = items_of(request, now=timezone.now())
    one = items.collection(ident)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    is_known = request.user.is_authenticated or "items" in request.POST
    is_part = bool(getattr(request, "htmx", False))  # says so in its own words
    if one is None and is_known and do != "restore" and not is_part:
        return render(request, "people/collections_missing.html", status=404)
    if do == "delete" and one is not None:
        return _show_list(request, items, *_delete(items, one))
    writes, message = _change_one(request, items, one) if do else ([], "")
    keep(request.user, writes)
    one = items.after(writes).collection(ident)
    context = {**_kept(request, items, writes, message), "path": request.path, "one": one, "ident": ident, "opened": do}
    if one is not None:
        page = page_of_members(request, one)
        context |= {"page": page, "cards": page.cards, "formats": EXPORT_FORMATS.values(), **_sharing(request, one)}
    return _render(request, "collection", context)


def _change_one(request: HttpRequest, items: Items, one: Collection | None) -> Change:
    form = request.POST
    do, key = form.get("do", ""), form.get("key", "")
    if do == "restore":
        return items.restore(read_items(form.get("removed", ""))), _("Restored.")
    if one is None:
        return [], ""
    if do in ("up", "down", "top"):
        step = {"up": -1, "down": 1, "top": -len(one.members)}[do]
        writes = items.move(one, key, by=step)
        return writes, _("Moved.") if writes else _("Already in that position.")
    if do == "remove":
        return items.take_out(one, key), _("Removed from “%(name)s”.") % {"name": one.name}
    if do == "note":
        return items.annotate(one, key, form.get("note", "")), _("Note saved.")
    if do == "edit":
        return items.edit(one, name=form.get("name", ""), note=form.get("note", "")), _("Saved.")
    if do in ("share", "unshare") and request.user.is_authenticated:
        return [], _share(request, one, is_shared=do == "share")
    return [], ""


def _share(request: HttpRequest, one: Collection, *, is_shared: bool) -> str:
    """Make the collection's link, or take it back: then nobody can read it there any more, also with a new one."""
    links = _links_of(request, one)
    if not is_shared:
        links.delete()
        return _("Link revoked.")
    wanted = {"with_notes": bool(request.POST.get("with_notes"))}
    SharedCollection.objects.update_or_create(user_id=request.user.pk or 0, collection=one.ident, defaults=wanted)
    return _("Anyone with the link can read this collection.")


def _links_of(request: HttpRequest, one: Collection) -> QuerySet[SharedCollection]:
    return SharedCollection.objects.filter(user_id=request.user.pk or 0, collection=one.ident)


def _sharing(request: HttpRequest, one: Collection) -> dict[str, Any]:
    """The link to the collection: an account's by token, a browser's with the papers themselves in it."""
    if not request.user.is_authenticated:
        path = link_of_keys(one.keys, name=one.name)
        return {"link": request.build_absolute_uri(path), "is_shared": True}
    shared = _links_of(request, one).first()
    if shared is None:
        return {"is_shared": False}
    path = reverse("collections:show_shared", args=[shared.token])
    return {"link": request.build_absolute_uri(path), "is_shared": True, "with_notes": shared.with_notes}


@require_safe
@guarded
def export_collection(request: HttpRequest, ident: str) -> HttpResponseBase:
    """``?format=``: the collection of an account as a file, with its notes where the format can hold them."""
    one = items_of(request, now=timezone.now()).collection(ident)
    if one is None:
        raise Http404(_("Collection not found."))
    return send_export(request, wanted_by_keys(one.keys, title=one.name, text=one.note, notes=one.notes))


@guarded
def collect_paper(request: HttpRequest, name: str) -> HttpResponseBase:
    """``/me/collect/<paper>``: in which collections a paper is, each a button that puts it in or takes it out."""
    paper, identifier = find_named(name)
    if paper is None:
        return paper_missing(request, identifier, name)
    items = items_of(request, now=timezone.now())
    writes, message = _collect(request.POST, items, paper.key) if request.method == "POST" else ([], "")
    keep(request.user, writes)
    collections = items.after(writes).collections()
    context = {
        "paper": paper,
        "choices": [(one, paper.key in one.keys) for one in collections],
        **_kept(request, items, writes, message),
        "path": request.path,
    }
    return _render(request, "collect", context)


def _collect(form: QueryDict, items: Items, key: str) -> Change:
    if name := form.get("name", "").strip():
        return items.create(name, keys=[key]), _("Added to “%(name)s”.") % {"name": name[:120]}
    one = items.collection(form.get("ident", ""))
    if one is None:
        return [], ""
    if key in one.keys:
        return items.take_out(one, key), _("Removed from “%(name)s”.") % {"name": one.name}
    return items.add(one, [key]), _("Added to “%(name)s”.") % {"name": one.name}


# ---- pages -------------------------------------------------------------------------------------------


def _kept(request: HttpRequest, items: Items, writes: Sequence[Write], message: str) -> dict[str, Any]:
    """What every part says of the change just made."""
    removed = items.deleted_by(writes)
    return {
        "is_known": request.user.is_authenticated or "items" in request.POST,
        "writes": write_items(writes),
        "undo": write_items(removed) if removed else "",
        "message": message,
        "site_name": settings.SITE_NAME,
    }


def _render(request: HttpRequest, what: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or for htmx its changing part."""
    template = f"people/_{what}.html" if getattr(request, "htmx", False) else f"people/{what}.html"
    return render(request, template, context)
