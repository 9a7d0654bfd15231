"""Whose collections, searches and keywords a request is about, and where what it changes is kept.

A reader with an account has them here. One without has them in the browser, which sends them along with a form
(``items``, JSON) and takes the changes from the answer (``data-writes``); nothing of them is kept here. Both go the
same way through the same pages: start at :func:`items_of` and :func:`keep`.
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

from coolpapers.people.models import Item, Shelf
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.items import Items
from coolpapers.people.state.saved_searches import moment
from coolpapers.people.state.selectors import Reader
from coolpapers.people.state.sync import sync_items
from coolpapers.people.state.writes import Write, read_writes

View = Callable[..., HttpResponseBase]

KINDS = (Kind.COLLECTION, Kind.MEMBER, Kind.SEARCH, Kind.KEYWORD)
# Items of a browser are taken with whatever time they have: the answer must be later than they are.
_ANY_TIME = 2**53


def items_of(request: HttpRequest, *, now: datetime) -> Items:
    """The reader's items: the account's, or those that came with the form; none where neither is there."""
    if request.user.is_authenticated:
        return Items(account_writes(request.user), now=now)
    return Items(read_items(request.POST.get("items", "")), now=_clock_of(request) or now)


def _clock_of(request: HttpRequest) -> datetime | None:
    """The browser's clock: what it keeps has its times, and a change must come after them whatever our clock says."""
    told = request.POST.get("now", "")
    return moment(int(told)) if re.fullmatch(r"[0-9]{10,15}", told) else None


def account_writes(user: Reader, *, kinds: Sequence[Kind] = KINDS) -> list[Write]:
    rows = Item.objects.filter(user_id=user.pk or 0, kind__in=kinds).order_by("pk")
    return [Write(row.kind, row.key, row.changed, row.value, row.deleted) for row in rows]


def read_items(text: str) -> list[Write]:
    """Items as a form carries them; what is none is left out."""
    try:
        rows = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    writes, _refusals = read_writes(rows if isinstance(rows, list) else [], now_ms=_ANY_TIME)
    return [write for write in writes if write.kind in KINDS]


def write_items(writes: Iterable[Write]) -> str:
    """Items as a form or page carries them; :func:`read_items` reads them back."""
    return json.dumps([write.as_json() for write in writes], ensure_ascii=False)


def keep(user: Reader, writes: Sequence[Write]) -> None:
    """Keep changes of a reader with an account; a browser keeps its own."""
    if writes and not isinstance(user, AnonymousUser):
        shelf = Shelf.objects.filter(user_id=user.pk).first()
        sync_items(user, writes, cursor=shelf.revision if shelf else 0)


def guarded(view: View) -> View:
    """A page whose forms change an account: those of signed-in readers must bear a token.

    Without an account a form changes nothing here, so it needs no token, and pages need no cookie.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @never_cache
    @wraps(view)
    def choose(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return (protected if request.user.is_authenticated else view)(request, *args, **kwargs)

    return choose
