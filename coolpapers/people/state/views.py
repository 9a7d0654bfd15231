"""A reader's own pages. What stands on them lies in the browser, or in the account that the browser follows.

The browser fills the pages, by asking for the cards of the papers it names (:func:`show_cards`); those of an account
come full, so that they need no scripts. Nothing that these views are sent is kept or logged, but for what an account
hands in: a file by a form without scripts here, writes in :mod:`coolpapers.people.state.sync_views`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coolpapers.papers.lookup.former_keys import papers_by_any_keys, surviving_keys
from coolpapers.papers.lookup.selectors import papers_by_keys
from coolpapers.papers.pages.cards import make_cards
from coolpapers.papers.pages.forms import read_slice
from coolpapers.papers.pages.paging import Paging
from coolpapers.people.errors import WrongFile
from coolpapers.people.models import Item
from coolpapers.people.state.renamed_keys import keep_all
from coolpapers.people.state.selectors import shelf_keys
from coolpapers.people.state.storage import guarded
from coolpapers.people.state.sync import MAX_ITEMS
from coolpapers.people.state.transfer import Imported, read_file, write_export
from coolpapers.people.state.writes import Write

# The parts of the personal page, by the name in the address.
SHELVES = {
    "starred": gettext_lazy("Starred"),
    "unread": gettext_lazy("To read"),
    "notes": gettext_lazy("Notes"),
    "hidden": gettext_lazy("Not interested"),
}


@require_safe
def show_personal(request: HttpRequest) -> HttpResponse:
    """``/me/?shelf=starred|unread|notes|hidden``, of an account with its cards; ``skip``, ``show``."""
    shelf = request.GET.get("shelf", "starred")
    if shelf not in SHELVES:
        return HttpResponseRedirect(reverse("people:show_personal"))
    return _render_personal(request, shelf)


def _render_personal(request: HttpRequest, shelf: str, *, import_words: str = "", status: int = 200) -> HttpResponse:
    """The page, which the browser fills; for an account it is full already, for browsers without scripts."""
    keys = {name: shelf_keys(request.user, name) for name in SHELVES} if request.user.is_authenticated else {}
    start, size = read_slice(request.GET, [])
    paging = Paging(start, size, len(keys.get(shelf, ())))
    wanted = keys.get(shelf, [])[start : start + size]
    papers = papers_by_any_keys(wanted)
    context = {
        "shelf": shelf,
        "shelves": [(name, label, len(keys[name]) if keys else "") for name, label in SHELVES.items()],
        "cards": make_cards(list(dict.fromkeys(papers.values())), start=start),
        "missing": [key for key in wanted if key not in papers],
        "paging": paging,
        "is_empty": bool(keys) and not keys[shelf],
        "import_words": import_words,
    }
    return render(request, "people/personal.html", context, status=status)


@csrf_exempt  # changes nothing, and answers everyone alike
@require_http_methods(["GET", "HEAD", "POST"])
def show_cards(request: HttpRequest) -> HttpResponse:
    """``POST /me/cards``: the cards of the papers whose ``keys`` the form holds, one a line; ``skip`` and ``show``."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("people:show_personal"))
    keys = list(dict.fromkeys(key for key in request.POST.get("keys", "").split("\n") if key and "\0" not in key))
    start, size = read_slice({**request.GET.dict(), **request.POST.dict()}, [])
    paging = Paging(start, size, len(keys))
    wanted = keys[start : start + size]
    moved = surviving_keys(wanted)  # the browser takes over the key under which the card comes
    names = list(dict.fromkeys(moved.get(key, key) for key in wanted))
    found = papers_by_keys(names)
    context = {
        "cards": make_cards([found[key] for key in names if key in found], start=start),
        "paging": paging,
        "missing": [key for key in names if key not in found],
        "moved": moved.items(),
    }
    return render(request, "people/_posted_cards.html", context)


@require_safe
@never_cache
def export_items(request: HttpRequest) -> HttpResponse:
    """``/me/export``: everything in the account as one file; without an account the browser writes the file itself."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("people:show_personal"))
    rows = Item.objects.filter(user_id=request.user.pk).order_by("kind", "key")
    writes = (Write(row.kind, row.key, row.changed, row.value, row.deleted) for row in rows.iterator())
    exported = write_export(writes, exported=datetime.now(UTC).isoformat(timespec="seconds"))
    response = JsonResponse(exported, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = 'attachment; filename="coolpapers.json"'
    return response


@guarded
@require_POST
def read_import(request: HttpRequest) -> HttpResponse:
    """``POST /me/import``: what the ``file`` brings, as items for the browser to keep; 400 in words if it is none.

    A form without scripts says so (``plain``): then an account keeps the items, and the answer is the page.
    """
    user = request.user if request.POST.get("plain") and request.user.is_authenticated else None
    try:
        imported = _read_posted(request)
    except WrongFile as error:
        if user is not None:
            return _render_personal(request, "starred", import_words=str(error), status=400)
        return JsonResponse({"error": str(error)}, status=400)
    words = _words_of(imported)
    if user is not None:
        kept = _("New or changed: {n}.").format(n=keep_all(user, imported.writes))
        return _render_personal(request, "starred", import_words=f"{words} {kept}")
    return JsonResponse({"items": [write.as_json() for write in imported.writes], "words": words})


def _read_posted(request: HttpRequest) -> Imported:
    """What the posted file brings. Raises WrongFile."""
    file = request.FILES.get("file")
    if file is None:
        raise WrongFile(_("No file was chosen."))
    imported = read_file(file.read(), now_ms=int(time.time() * 1000))
    if len(imported.writes) > MAX_ITEMS:
        raise WrongFile(_("The file has more than %(limit)d items.") % {"limit": MAX_ITEMS})
    return imported


def _words_of(imported: Imported) -> str:
    """What was read, what the library lacks, and what was left out and why."""
    words = [_("Items read: %(n)d.") % {"n": len(imported.writes)}]
    if imported.missing:
        words.append(
            _("Saved, but not in this library: %(n)d (%(first)s …).")
            % {"n": len(imported.missing), "first": ", ".join(imported.missing[:3])}
        )
    if imported.refusals:
        first = imported.refusals[0]
        words.append(
            _("Skipped: %(n)d (“%(key)s”: %(reason)s).")
            % {"n": len(imported.refusals), "key": first.key[:60], "reason": first.reason.rstrip(".")}
        )
    return " ".join(words)
