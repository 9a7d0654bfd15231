"""A reader's own pages. What stands on them lies in the browser, or in the account that the browser follows.

The pages themselves are the same for everyone; the browser fills them, by asking for the cards of the papers it names
(:func:`show_cards`). Nothing that these views are sent is kept or logged, but for :mod:`coolpapers.people.sync_views`.
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

from coolpapers.papers.cards import make_cards
from coolpapers.papers.former_keys import surviving_keys
from coolpapers.papers.forms import read_slice
from coolpapers.papers.paging import Paging
from coolpapers.papers.selectors import papers_by_keys
from coolpapers.people.errors import WrongFile
from coolpapers.people.models import Item
from coolpapers.people.sync import MAX_ITEMS
from coolpapers.people.transfer import read_file, write_export
from coolpapers.people.writes import Write

# The parts of the personal page, by the name in the address.
SHELVES = {
    "starred": gettext_lazy("Starred"),
    "unread": gettext_lazy("To read"),
    "notes": gettext_lazy("Notes"),
    "hidden": gettext_lazy("Hidden"),
}


@require_safe
def show_personal(request: HttpRequest) -> HttpResponse:
    """``/me/?shelf=starred|unread|notes|hidden``."""
    shelf = request.GET.get("shelf", "starred")
    if shelf not in SHELVES:
        return HttpResponseRedirect(reverse("people:show_personal"))
    return render(request, "people/personal.html", {"shelf": shelf, "shelves": SHELVES})


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


@csrf_exempt  # reads the file and hands its items back; the browser keeps them
@require_POST
def read_import(request: HttpRequest) -> JsonResponse:
    """``POST /me/import``: what the ``file`` brings, as items for the browser to keep; 400 in words if it is none."""
    file = request.FILES.get("file")
    try:
        if file is None:
            raise WrongFile(_("No file was chosen."))
        imported = read_file(file.read(), now_ms=int(time.time() * 1000))
        if len(imported.writes) > MAX_ITEMS:
            raise WrongFile(_("The file holds more than %(limit)d items.") % {"limit": MAX_ITEMS})
    except WrongFile as error:
        return JsonResponse({"error": str(error)}, status=400)
    words = [_("Read from the file: %(n)d.") % {"n": len(imported.writes)}]
    if imported.missing:
        words.append(
            _("Kept, but not in this library: %(n)d (%(first)s …).")
            % {"n": len(imported.missing), "first": ", ".join(imported.missing[:3])}
        )
    if imported.refusals:
        first = imported.refusals[0]
        words.append(
            _("Left out: %(n)d (“%(key)s”: %(reason)s).")
            % {"n": len(imported.refusals), "key": first.key[:60], "reason": first.reason.rstrip(".")}
        )
    return JsonResponse({"items": [write.as_json() for write in imported.writes], "words": " ".join(words)})
