"""The personal page ``/me/``: lists of starred, unseen, annotated and dismissed papers; export and import.

For a reader without an account the browser fills the page: it posts the keys of its papers and receives their cards
(:func:`show_cards`). Pages of accounts are rendered complete and need no scripts. The server stores and logs nothing
that is posted here, except a file that a signed-in reader imports by a form without scripts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
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
from coolpapers.people.errors import InvalidFile
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.renamed_keys import import_writes
from coolpapers.people.state.selectors import shelf_keys
from coolpapers.people.state.storage import (
    csrf_protect_accounts,
    load_items,
    parse_items,
    save_writes,
    serialize_items,
)
from coolpapers.people.state.sync import MAX_ITEMS
from coolpapers.people.state.transfer import MAX_FILE_BYTES, Imported, read_file, write_export
from coolpapers.people.state.writes import Write

# What a form adds to its file: boundaries, names, a token.
_FORM_BYTES = 64 * 1024
# The lists of the personal page, by the name in the address.
SHELVES = {
    "starred": gettext_lazy("Starred"),
    "unread": gettext_lazy("To read"),
    "notes": gettext_lazy("Notes"),
    "hidden": gettext_lazy("Not interested"),
}


@require_safe
def show_personal(request: HttpRequest) -> HttpResponse:
    """``/me/?shelf=starred|unread|notes|hidden``, with ``skip`` and ``show``; cards are rendered for accounts only."""
    shelf = request.GET.get("shelf", "starred")
    if shelf not in SHELVES:
        return HttpResponseRedirect(reverse("people:show_personal"))
    return _render_personal(request, shelf)


def _render_personal(request: HttpRequest, shelf: str, *, import_message: str = "", status: int = 200) -> HttpResponse:
    """The page, complete for an account; otherwise the browser fills it."""
    keys = {name: shelf_keys(request.user, name) for name in SHELVES} if request.user.is_authenticated else {}
    start, size = read_slice(request.GET, [])
    paging = Paging(start, size, len(keys.get(shelf, ())))
    page_keys = keys.get(shelf, [])[start : start + size]
    papers = papers_by_any_keys(page_keys)
    context = {
        "shelf": shelf,
        "shelves": [(name, label, len(keys[name]) if keys else "") for name, label in SHELVES.items()],
        "cards": make_cards(list(dict.fromkeys(papers.values())), start=start),
        "missing": [key for key in page_keys if key not in papers],
        "paging": paging,
        "is_empty": bool(keys) and not keys[shelf],
        "import_message": import_message,
    }
    return render(request, "people/personal.html", context, status=status)


@csrf_protect_accounts
@require_POST
def clear_hidden(request: HttpRequest) -> HttpResponseBase:
    """``POST /me/hidden/clear``: remove all marks [Not interested]; ``do=restore`` takes that back."""
    items = load_items(request, now=timezone.now(), kinds=[Kind.HIDE])
    if request.POST.get("do") == "restore":
        writes = items.restore(parse_items(request.POST.get("removed", ""), kinds=[Kind.HIDE]))
    else:
        writes = items.clear(Kind.HIDE)
    removed = items.deleted_by(writes)
    save_writes(request.user, writes)
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(f"{reverse('people:show_personal')}?shelf=hidden")
    context = {
        "writes": serialize_items(writes),
        "n_cleared": len(removed),
        "undo": serialize_items(removed) if removed else "",
        "is_answer": True,
    }
    return render(request, "people/_clear_hidden.html", context)


@csrf_exempt  # changes nothing and answers all readers alike
@require_http_methods(["GET", "HEAD", "POST"])
def show_cards(request: HttpRequest) -> HttpResponse:
    """``POST /me/cards``: cards of the papers with the posted ``keys``, one per line; ``skip`` and ``show``."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("people:show_personal"))
    keys = list(dict.fromkeys(key for key in request.POST.get("keys", "").split("\n") if key and "\0" not in key))
    start, size = read_slice({**request.GET.dict(), **request.POST.dict()}, [])
    paging = Paging(start, size, len(keys))
    page_keys = keys[start : start + size]
    renamed = surviving_keys(page_keys)  # the browser renames its items by them
    current_keys = list(dict.fromkeys(renamed.get(key, key) for key in page_keys))
    papers = papers_by_keys(current_keys)
    context = {
        "cards": make_cards([papers[key] for key in current_keys if key in papers], start=start),
        "paging": paging,
        "missing": [key for key in current_keys if key not in papers],
        "renamed": renamed.items(),
    }
    return render(request, "people/_posted_cards.html", context)


@require_safe
@never_cache
def export_items(request: HttpRequest) -> HttpResponse:
    """``/me/export``: all items of the account as one file; without an account the browser writes the file."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("people:show_personal"))
    rows = Item.objects.filter(user_id=request.user.pk).order_by("kind", "key")
    writes = (Write(row.kind, row.key, row.changed, row.value, row.deleted) for row in rows.iterator())
    exported = write_export(writes, exported=datetime.now(UTC).isoformat(timespec="seconds"))
    response = JsonResponse(exported, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = 'attachment; filename="coolpapers.json"'
    return response


def _refuse_large(view: Callable[..., HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Refuse a request by its Content-Length, before anything reads or stores its body."""

    @csrf_exempt  # the view checks it
    @wraps(view)
    def refuse(request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MAX_FILE_BYTES + _FORM_BYTES:
            error = _("The file is larger than %(limit)d MB.") % {"limit": MAX_FILE_BYTES // 2**20}
            return JsonResponse({"error": error}, status=413, headers={"Connection": "close"})
        return view(request)

    return refuse


@_refuse_large
@csrf_protect_accounts
@require_POST
def read_import(request: HttpRequest) -> HttpResponse:
    """``POST /me/import``: the items of the posted ``file``, for the browser to save; 400 with a message if invalid.

    With ``plain`` (sent by the form without scripts) the items are saved in the account, and the answer is the page.
    """
    user = request.user if request.POST.get("plain") and request.user.is_authenticated else None
    try:
        imported = _read_posted(request)
    except InvalidFile as error:
        if user is not None:
            return _render_personal(request, "starred", import_message=str(error), status=400)
        return JsonResponse({"error": str(error)}, status=400)
    message = _import_message(imported)
    if user is not None:
        changes = _("New or changed: {n}.").format(n=import_writes(user, imported.writes))
        return _render_personal(request, "starred", import_message=f"{message} {changes}")
    return HttpResponse(_import_answer(imported.writes, message), content_type="application/json")


def _import_answer(writes: Iterable[Write], message: str) -> Iterator[str]:
    """``{"items": […], "words": …}`` in pieces: all items as objects would be a second copy of the file."""
    separator = '{"items": ['
    for write in writes:
        yield separator + json.dumps(write.as_json())
        separator = ", "
    yield ("" if separator == ", " else separator) + f'], "words": {json.dumps(message)}}}'


def _read_posted(request: HttpRequest) -> Imported:
    """Read the posted file. Raises InvalidFile."""
    file = request.FILES.get("file")
    if file is None or file.file is None:
        raise InvalidFile(_("No file was chosen."))
    imported = read_file(file.file, now_ms=int(time.time() * 1000))
    if len(imported.writes) > MAX_ITEMS:
        raise InvalidFile(_("The file has more than %(limit)d items.") % {"limit": MAX_ITEMS})
    return imported


def _import_message(imported: Imported) -> str:
    """How many items were read, are not in the library, and were skipped, with the first reason."""
    sentences = [_("Items read: %(n)d.") % {"n": len(imported.writes)}]
    if imported.missing:
        sentences.append(
            _("Saved, but not in this library: %(n)d (%(first)s …).")
            % {"n": len(imported.missing), "first": ", ".join(imported.missing[:3])}
        )
    if imported.refusals:
        first = imported.refusals[0]
        sentences.append(
            _("Skipped: %(n)d (“%(key)s”: %(reason)s).")
            % {"n": len(imported.refusals), "key": first.key[:60], "reason": first.reason.rstrip(".")}
        )
    return " ".join(sentences)
