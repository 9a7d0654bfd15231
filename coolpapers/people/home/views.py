"""``/me/home``: the reader's part of the home page, and the buttons in it; ``/me/pins`` on a category's page."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from coolpapers.people.home.overview import read_overview
from coolpapers.people.searches.looks import present_look
from coolpapers.people.state.items import Items
from coolpapers.people.state.storage import csrf_protect_accounts, load_items, save_writes, serialize_items
from coolpapers.people.state.writes import MAX_KEY, Write


@csrf_protect_accounts
def show_overview(request: HttpRequest) -> HttpResponseBase:
    """The fragment for htmx; a form posted to it pins or unpins a category, or marks all news as seen."""
    items = load_items(request, now=timezone.now())
    writes = _change(request, items) if request.method == "POST" else []
    save_writes(request.user, writes)
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(reverse("papers:show_home"))
    context = {"overview": read_overview(request, items.after(writes)), "writes": serialize_items(writes)}
    return render(request, "people/_home.html", context)


@csrf_protect_accounts
@require_POST
def pin_category(request: HttpRequest) -> HttpResponseBase:
    """Pin the category ``code`` to the home page, or unpin it (``do=unpin``); answers with the new button."""
    items = load_items(request, now=timezone.now())
    code = request.POST.get("code", "")[:MAX_KEY].strip()
    is_pinned = request.POST.get("do") != "unpin"
    writes = (items.pin(code) if is_pinned else items.unpin(code)) if code else []
    save_writes(request.user, writes)
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(reverse("papers:show_home"))
    context = {"code": code, "is_pinned": is_pinned, "is_answer": True, "writes": serialize_items(writes)}
    return render(request, "people/_pin.html", context)


def _change(request: HttpRequest, items: Items) -> Sequence[Write]:
    form = request.POST
    if form.get("seen"):
        look = present_look()
        return [write for search in items.searches() for write in items.open_search(search, look=look)]
    if code := form.get("pin", "")[:MAX_KEY].strip():
        return items.pin(code)
    return items.unpin(form.get("unpin", ""))
