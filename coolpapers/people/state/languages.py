"""The language of a reader with an account, for what reaches them without a page: mails.

It is a setting among the account's items (``setting``, ``language``), written by the language switch.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import LANGUAGE_QUERY_PARAMETER
from django.views.i18n import set_language as set_cookie

from coolpapers.people.models import Item, Shelf
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.sync import sync_items
from coolpapers.people.state.writes import Write

_KEY = "language"


# Harmless from elsewhere (a session cookie does not come along), and a token would mean a cookie and an ever new
# text on every page.
@csrf_exempt
def set_language(request: HttpRequest) -> HttpResponseBase:
    """``POST /language``: Django's view, which keeps the choice in a cookie; an account keeps it too."""
    response = set_cookie(request)
    code = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if request.method == "POST" and request.user.is_authenticated:
        keep_language(request.user, code)
    return response


def language_of(user: User) -> str:
    """The language that a reader has chosen; else the site's."""
    kept = Item.objects.kept(Kind.SETTING).filter(user=user, key=_KEY).first()
    code = kept.value.get("code") if kept is not None and isinstance(kept.value, dict) else None
    return str(code) if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def keep_language(user: User, code: str | None, *, is_chosen: bool = True) -> None:
    """Remember a reader's language, if the site speaks it; one not chosen only where none is kept."""
    if code not in dict(settings.LANGUAGES):
        return
    known = Item.objects.filter(user=user, kind=Kind.SETTING, key=_KEY).first()
    if known is not None and not is_chosen:
        return
    changed = max(int(time.time() * 1000), known.changed + 1 if known else 0)
    shelf = Shelf.objects.filter(user=user).first()
    sync_items(user, [Write(Kind.SETTING, _KEY, changed, {"code": code})], cursor=shelf.revision if shelf else 0)
