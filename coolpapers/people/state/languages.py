"""The language of a reader with an account, for mails, which have no request to read it from.

It is an item (kind ``setting``, key ``language``) that the language switch writes.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import LANGUAGE_QUERY_PARAMETER
from django.views.i18n import set_language as set_cookie

from coolpapers.base.outages import degrade
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.sync import current_revision, sync_items
from coolpapers.people.state.writes import Write

_KEY = "language"


# Harmless when forged (other sites cannot send the session cookie), and a token would put a cookie and changing text
# on every page.
@csrf_exempt
def set_language(request: HttpRequest) -> HttpResponseBase:
    """``POST /language``: Django's view, which sets a cookie; the choice is also saved in the account."""
    response = set_cookie(request)
    code = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if request.method == "POST" and request.user.is_authenticated:
        with degrade("languages"):
            save_language(request.user, code)
    return response


def language_of(user: User) -> str:
    """The language that a reader has chosen, or else the site's."""
    item = Item.objects.active(Kind.SETTING).filter(user=user, key=_KEY).first()
    code = item.value.get("code") if item is not None and isinstance(item.value, dict) else None
    return str(code) if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def save_language(user: User, code: str | None, *, is_chosen: bool = True) -> None:
    """Save a reader's language if the site supports it; if not ``is_chosen``, only where none is saved yet."""
    if code not in dict(settings.LANGUAGES):
        return
    item = Item.objects.filter(user=user, kind=Kind.SETTING, key=_KEY).first()
    if item is not None and not is_chosen:
        return
    changed = max(int(time.time() * 1000), item.changed + 1 if item else 0)
    sync_items(user, [Write(Kind.SETTING, _KEY, changed, {"code": code})], cursor=current_revision(user.pk))
