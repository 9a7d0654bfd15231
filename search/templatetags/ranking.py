"""The button of a card that opens related papers: ``{% related_action card %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from coolpapers.papers.cards import Card
from coolpapers.papers.permalinks import paper_name

register = template.Library()


@register.inclusion_tag("search/_related_action.html")
def related_action(card: Card) -> dict[str, Any]:
    """A link that works by itself; with JavaScript it opens inside the card."""
    return {"paper": card.paper, "path": reverse("search:show_related", args=[paper_name(card.paper)])}
