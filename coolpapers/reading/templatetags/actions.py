"""The buttons of a card: ``{% reading_actions card %}`` renders PDF, Code, Copy abstract, Summary, Cite."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from coolpapers.papers.names.permalinks import paper_name, web_address
from coolpapers.papers.pages.cards import Card
from coolpapers.reading.summaries.selectors import can_show_pdf, papers_with_summary
from coolpapers.reading.summaries.services import current_summarizer

register = template.Library()

_CACHE = "reading_papers_with_summary"


@register.inclusion_tag("reading/_actions.html", takes_context=True)
def reading_actions(context: template.Context, card: Card) -> dict[str, Any]:
    """Plain links; with JavaScript they open panels inside the card."""
    name = paper_name(card.paper)
    has_summary = card.paper.pk in _summarized(context, card)
    return {
        "paper": card.paper,
        "pdf_path": reverse("reading:show_pdf", args=[name]),
        "citation_path": reverse("reading:show_citation", args=[name]),
        "summary_path": reverse("reading:show_summary", args=[name]),
        "pdf_url": web_address(card.pdf_url),
        "code_url": card.code_url,
        "has_viewer": can_show_pdf(card),
        "has_summary": has_summary,
        "offers_summary": has_summary or current_summarizer() is not None,
    }


def _summarized(context: template.Context, card: Card) -> set[int]:
    """Row numbers of this page's papers with a summary, queried once and cached on the request."""
    cache: dict[str, Any] = vars(context["request"]) if "request" in context else {}
    checked, summarized = cache.get(_CACHE, (set(), set()))
    if card.paper.pk not in checked:
        shown = [card.paper.pk, *(listed.paper.pk for listed in context.get("cards") or ())]
        checked, summarized = set(shown), papers_with_summary(shown)
        cache[_CACHE] = checked, summarized
    return set(summarized)
