"""Template tags for a paper: the button that opens related papers, and its keywords.

``{% related_action card %}``, ``{% paper_keywords paper %}``.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from coolpapers.finding.paper_keywords import keywords_of
from coolpapers.papers.models import Paper
from coolpapers.papers.names.permalinks import paper_name
from coolpapers.papers.pages.cards import Card

register = template.Library()


@register.inclusion_tag("search/_related_action.html")
def related_action(card: Card) -> dict[str, Any]:
    """A link to the related papers; with JavaScript they open inside the card."""
    return {"paper": card.paper, "path": reverse("search:show_related", args=[paper_name(card.paper)])}


@register.inclusion_tag("search/_keywords.html")
def paper_keywords(paper: Paper) -> dict[str, Any]:
    """The paper's ten best keywords, each with a link to its search."""
    return {"words": [keyword.word for keyword in keywords_of(paper.title, paper.abstract)]}
