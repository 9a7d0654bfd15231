"""``/me/searches``: saved searches with their numbers of new papers, and forms to edit them.

The pages work with and without an account; :mod:`coolpapers.people.state.storage` says where the data is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from coolpapers.finding.flags import FlagResolver, resolver_of
from coolpapers.people.models import AlertState
from coolpapers.people.searches.new_papers import KEYS_AT_ONCE, find_new_papers
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
from search.engines.registry import search_backend
from search.errors import QuerySyntaxError, QueryTooLarge, SearchError

logger = logging.getLogger(__name__)

MAX_COUNTED = 100  # searches whose new papers are counted on one page; each takes some milliseconds
# Papers are indexed within a minute of their arrival; those that arrived just before the last visit may be unseen.
INDEX_LAG = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Row:
    """A saved search on the page."""

    search: SavedSearch
    path: str
    feed_path: str
    n_new: int | None  # None: not counted
    has_more: bool = False  # n_new is a lower bound
    problem: str = ""

    @property
    def ident(self) -> str:
        return self.search.ident


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
        "rows": make_rows(searches, now=now, resolve_flag=resolver_of(request)),
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
    """Save the query of a search or list page; answers with a link to the saved searches."""
    items = load_items(request, now=timezone.now())
    form = request.POST
    writes = items.save_search(name=form.get("name", ""), query=form.get("query", ""), mail=bool(form.get("mail")))
    _save(request, writes)
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(reverse("collections:list_searches"))
    return render(request, "people/_search_saved.html", {"writes": serialize_items(writes)})


@require_safe
@never_cache
def open_search(request: HttpRequest, ident: str) -> HttpResponse:
    """Redirect to the results of a saved search, newest first, and store the time of the visit."""
    items = load_items(request, now=timezone.now())
    search = items.search(ident)
    if search is None:
        raise Http404(_("Saved search not found."))
    save_writes(request.user, items.open_search(search))
    return HttpResponseRedirect(search_path(search.query))


def search_path(query: str) -> str:
    return f"{reverse('search:search_papers')}?q={quote(query, safe='')}&sort=newest"


def _save(request: HttpRequest, writes: Sequence[Write]) -> None:
    """Save changes; with the first search that asks for mail, store the reader's language for the mails."""
    save_writes(request.user, writes)
    if request.user.is_authenticated and any(write.value.get("mail") for write in writes):
        save_language(request.user, get_language(), is_chosen=False)


def make_rows(searches: Iterable[SavedSearch], *, now: datetime, resolve_flag: FlagResolver | None) -> list[Row]:
    """Saved searches with the number of matching papers that arrived since the reader's last visit."""
    rows = []
    for number, search in enumerate(searches):
        path = search_path(search.query)
        feed_path = f"{reverse('search:feed_search')}?q={quote(search.query, safe='')}"
        counts = _count(search, now=now, resolve_flag=resolve_flag) if number < MAX_COUNTED else {"n_new": None}
        rows.append(Row(search, path, feed_path, **counts))
    return rows


def _count(search: SavedSearch, *, now: datetime, resolve_flag: FlagResolver | None) -> dict[str, Any]:
    since = min(search.opened_at, now) - INDEX_LAG
    try:
        new = find_new_papers(
            search.query,
            since=since,
            engine=search_backend(),
            resolve_flag=resolve_flag,
            n_at_most=KEYS_AT_ONCE,
        )
    except (QuerySyntaxError, QueryTooLarge) as error:
        return {"n_new": None, "problem": str(error)}
    except SearchError as error:  # without an index the rest of the page still works
        logger.warning("Cannot count new papers of saved searches: %s", error)
        return {"n_new": None}
    return {"n_new": len(new.keys), "has_more": new.is_partial}


def _change(request: HttpRequest, items: Items) -> tuple[Sequence[Write], str]:
    """The writes of the posted form and the message for the reader."""
    form = request.POST
    do, search = form.get("do", ""), items.search(form.get("ident", ""))
    if do == "restore":
        return items.restore(parse_items(form.get("removed", ""))), _("Restored.")
    if do == "add":
        writes = items.save_search(name=form.get("name", ""), query=form.get("query", ""), mail=bool(form.get("mail")))
        return writes, _("Saved.") if writes else _("Enter a query to save.")
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
