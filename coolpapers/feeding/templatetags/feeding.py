"""``{% offer_paper text %}``: offer to fetch the paper that an identifier names and the library lacks."""

from __future__ import annotations

from typing import Any

from django import template

from coolpapers.feeding.ondemand.registries import can_fetch
from coolpapers.feeding.ondemand.requests import find_request, may_get, read_name
from coolpapers.papers.lookup.selectors import find_paper

register = template.Library()


@register.inclusion_tag("feeding/_get.html", takes_context=True)
def offer_paper(context: template.Context, text: str) -> dict[str, Any]:
    """The offer; nothing where the text is no identifier, the paper is here, or the reader may not ask."""
    request = context["request"]
    identifier = read_name(text) if may_get(request) else None
    if identifier is None or not can_fetch(identifier) or find_paper(identifier) is not None:
        return {}
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "name": identifier.key,
        "identifier": identifier,
        "waiting": find_request(identifier),
        "may_get": True,
    }
