"""Where the items of a request come from, and where changes to them are saved.

Items of readers with an account are in the database. Items of other readers are in their browser, which sends them with
each form (``items``, JSON) and takes the changes from the answer (``data-writes``); the server stores none of them. The
same pages serve both: start at :func:`load_items` and :func:`save_writes`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.items import Items
from coolpapers.people.state.saved_searches import to_datetime
from coolpapers.people.state.selectors import Reader
from coolpapers.people.state.sync import current_revision, sync_items
from coolpapers.people.state.writes import Write, read_writes

View = Callable[..., HttpResponseBase]

PAGE_KINDS = (Kind.COLLECTION, Kind.MEMBER, Kind.SEARCH, Kind.KEYWORD, Kind.PIN)
# Items of a browser are accepted whatever their time: the answer must be later than they are.
_NO_TIME_LIMIT = 2**53


def load_items(request: HttpRequest, *, now: datetime, kinds: Sequence[Kind] = PAGE_KINDS) -> Items:
    """The items of the account, or those posted with the form; empty without both."""
    if request.user.is_authenticated:
        return Items(account_writes(request.user, kinds=kinds), now=now)
    return Items(parse_items(request.POST.get("items", ""), kinds=kinds), now=_browser_time(request) or now)


def has_items(request: HttpRequest) -> bool:
    """Whether the request comes with items: False for a page that a browser without account has yet to fill."""
    return request.user.is_authenticated or "items" in request.POST


def _browser_time(request: HttpRequest) -> datetime | None:
    """The browser's clock: its items carry its times, and a change must be later than they are."""
    text = request.POST.get("now", "")
    return to_datetime(int(text)) if re.fullmatch(r"[0-9]{10,15}", text) else None


def account_writes(user: Reader, *, kinds: Sequence[Kind] = PAGE_KINDS) -> list[Write]:
    """The stored items of these kinds, deleted ones included; none for a reader without an account."""
    rows = Item.objects.filter(user_id=user.pk or 0, kind__in=kinds).order_by("pk")
    return [Write(row.kind, row.key, row.changed, row.value, row.deleted) for row in rows]


def parse_items(text: str, *, kinds: Sequence[Kind] = PAGE_KINDS) -> list[Write]:
    """Items from the JSON of a form; invalid ones are dropped."""
    try:
        rows = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    writes, _refusals = read_writes(rows if isinstance(rows, list) else [], now_ms=_NO_TIME_LIMIT)
    return [write for write in writes if write.kind in kinds]


def serialize_items(writes: Iterable[Write]) -> str:
    """Items as JSON for a form or page; inverse of :func:`parse_items`."""
    return json.dumps([write.as_json() for write in writes], ensure_ascii=False)


def save_writes(user: Reader, writes: Sequence[Write]) -> None:
    """Save changes of a reader with an account; a browser saves its own."""
    if writes and not isinstance(user, AnonymousUser):
        sync_items(user, writes, cursor=current_revision(user.pk))


def csrf_protect_accounts(view: View) -> View:
    """Require a CSRF token from signed-in readers, whose forms change their account.

    Forms of other readers change nothing on the server; they need no token, and their pages need no cookie.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @never_cache
    @wraps(view)
    def dispatch(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return (protected if request.user.is_authenticated else view)(request, *args, **kwargs)

    return dispatch
