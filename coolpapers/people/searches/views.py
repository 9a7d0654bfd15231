"""``/me/searches``: saved searches with their numbers of new papers, and forms to edit them; following and news.

The pages work with and without an account; :mod:`coolpapers.people.state.storage` says where the data is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from coolpapers.base.outages import degrade
from coolpapers.finding.flags import resolver_of
from coolpapers.people.models import AlertState
from coolpapers.people.searches.looks import NewCount, count_new, first_new_rows, present_look
from coolpapers.people.searches.subscriptions import start_alerts, stop_alerts
from coolpapers.people.state.items import Items
from coolpapers.people.state.languages import save_language
from coolpapers.people.state.saved_searches import SavedSearch
from coolpapers.people.state.storage import (
    csrf_protect_accounts,
    has_items,
    load_items,
    parse_items,
    save_writes,
    serialize_items,
)
from coolpapers.people.state.writes import Write


@dataclass(frozen=True, slots=True)
class Row:
    """A saved search on a page. ``look`` is what the browser stores when it opens the search, as JSON."""

    search: SavedSearch
    count: NewCount
    look: str

    @property
    def ident(self) -> str:
        return self.search.ident

    @property
    def path(self) -> str:
        """The results, with the papers marked that are new since the last look."""
        return search_path(self.search.query, first_new=self.count.first_row)

    @property
    def feed_path(self) -> str:
        return f"{reverse('search:feed_search')}?q={quote(self.search.query, safe='')}"


@csrf_protect_accounts
def list_searches(request: HttpRequest) -> HttpResponseBase:
    """The page; a form posted to it changes a search (``do``) and returns the updated page."""
    now = timezone.now()
    items = load_items(request, now=now)
    writes, message = _change(request, items) if request.method == "POST" else ([], "")
    removed = items.deleted_by(writes)
    _save(request, writes)
    searches = items.after(writes).searches()
    context = {
        "rows": make_rows(request, searches),
        "has_items": has_items(request),
        "writes": serialize_items(writes),
        "undo": serialize_items(removed) if removed else "",
        "message": message,
        "alerts": AlertState.objects.filter(pk=request.user.pk).first() if request.user.is_authenticated else None,
    }
    template = "people/_searches.html" if getattr(request, "htmx", False) else "people/searches.html"
    return render(request, template, context)


@csrf_protect_accounts
@require_POST
def save_search(request: HttpRequest) -> HttpResponseBase:
    """Follow the query of a page, or stop (``do=unfollow``, undone by ``do=restore``); answers with the button."""
    items = load_items(request, now=timezone.now())
    form = request.POST
    query, do = form.get("query", ""), form.get("do", "")
    search = items.search_of(query)
    if do == "restore":
        writes = items.restore(parse_items(form.get("removed", "")))
    elif do == "unfollow":
        writes = items.delete_search(search) if search else []
    else:
        name, mail = form.get("name", ""), bool(form.get("mail"))
        writes = items.save_search(name=name, query=query, mail=mail, look=present_look())
    removed = items.deleted_by(writes)
    _save(request, writes)
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(reverse("collections:list_searches"))
    context = {
        "query": query,
        "followed": items.after(writes).search_of(query),
        "is_answer": True,
        "writes": serialize_items(writes),
        "undo": serialize_items(removed) if removed else "",
    }
    return render(request, "people/_follow.html", context)


@csrf_protect_accounts
def show_news(request: HttpRequest) -> HttpResponse:
    """``/me/news``: the number of new papers in the header, and the state of the page's buttons.

    ``query`` is what the page's [Follow] follows, ``code`` the category that its [Pin] pins.
    """
    items = load_items(request, now=timezone.now())
    searches = items.searches()
    counts = count_new(searches, now=timezone.now(), resolve_flag=resolver_of(request))
    query, code = request.POST.get("query", ""), request.POST.get("code", "")
    context = {
        "n_new": sum(count.n or 0 for count in counts.values()),
        "has_more": any(count.has_more for count in counts.values()),
        "query": query,
        "followed": items.search_of(query) if query else None,
        "code": code,
        "is_pinned": code in items.pins(),
        "is_oob": True,
    }
    return render(request, "people/_news.html", context)


@require_safe
@never_cache
def open_search(request: HttpRequest, ident: str) -> HttpResponse:
    """Redirect to the results of a saved search with the new papers marked, and store that the reader has looked."""
    items = load_items(request, now=timezone.now())
    search = items.search(ident)
    if search is None:
        raise Http404(_("Saved search not found."))
    first_new = first_new_rows([search], now=timezone.now())[ident]
    with degrade("visits of saved searches"):
        save_writes(request.user, items.open_search(search, look=present_look()))
    return HttpResponseRedirect(search_path(search.query, first_new=first_new))


def search_path(query: str, *, first_new: int) -> str:
    """The results of a query, newest first, with the papers marked that are new."""
    return f"{reverse('search:search_papers')}?q={quote(query, safe='')}&sort=newest&new={first_new}"


def _save(request: HttpRequest, writes: Sequence[Write]) -> None:
    """Save changes; with the first search that asks for mail, store the reader's language for the mails."""
    save_writes(request.user, writes)
    if request.user.is_authenticated and any(write.value.get("mail") for write in writes):
        save_language(request.user, get_language(), is_chosen=False)


def make_rows(request: HttpRequest, searches: Sequence[SavedSearch]) -> list[Row]:
    """Saved searches with the number of matching papers that arrived since the reader's last look."""
    now = timezone.now()
    counts = count_new(searches, now=now, resolve_flag=resolver_of(request))
    look = json.dumps({"opened": int(now.timestamp() * 1000), **present_look()}) if searches else ""
    return [Row(search, counts[search.ident], look) for search in searches]


def _change(request: HttpRequest, items: Items) -> tuple[Sequence[Write], str]:
    """The writes of the posted form and the message for the reader."""
    form = request.POST
    do, search = form.get("do", ""), items.search(form.get("ident", ""))
    if do == "restore":
        return items.restore(parse_items(form.get("removed", ""))), _("Restored.")
    if do == "add":
        name, query, mail = form.get("name", ""), form.get("query", ""), bool(form.get("mail"))
        writes = items.save_search(name=name, query=query, mail=mail, look=present_look())
        return writes, _("Saved.") if writes else _("Enter a query to save.")
    if do == "seen":
        look = present_look()
        return [write for search in items.searches() for write in items.open_search(search, look=look)], _(
            "All papers are marked as seen."
        )
    if do in ("stop", "start") and request.user.is_authenticated:
        (stop_alerts if do == "stop" else start_alerts)(request.user, now=timezone.now())
        return [], _("E-mail alerts are off.") if do == "stop" else _("E-mail alerts are on.")
    if search is None:
        return [], "" if do in ("", "show") else _("Saved search not found.")
    if do == "delete":
        return items.delete_search(search), _("Deleted “%(name)s”.") % {"name": search.title}
    if do == "edit":
        name, query, mail = form.get("name", ""), form.get("query", ""), bool(form.get("mail"))
        return items.edit_search(search, name=name, query=query, mail=mail), _("Saved.")
    return [], ""
