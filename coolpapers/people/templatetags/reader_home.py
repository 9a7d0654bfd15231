"""``{% reader_home %}`` on the home page: what the reader follows and has pinned."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from coolpapers.people.home.overview import read_overview
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.items import Items
from coolpapers.people.state.storage import account_writes

register = template.Library()


@register.inclusion_tag("people/_home.html", takes_context=True)
def reader_home(context: template.Context) -> dict[str, Any]:
    """Complete for an account; a browser without one requests its own (``/me/home``) if it keeps anything."""
    request = context["request"]
    is_known = request.user.is_authenticated
    writes = account_writes(request.user, kinds=[Kind.SEARCH, Kind.PIN]) if is_known else ()
    return {
        "overview": read_overview(request, Items(writes, now=timezone.now())),
        "is_waiting": not is_known,
        "user": request.user,
        "csrf_token": context.get("csrf_token"),
    }
