"""Template tags of searches: ``{% paper_keywords paper %}``, ``{% facets %}``, ``{% facet_values facet %}``,
``{% mark_words card query as card %}``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import template
from markupsafe import Markup

from coolpapers.finding.highlighting import highlight_papers
from coolpapers.finding.pages.facets import Facet, facet_words
from coolpapers.finding.paper_keywords import keywords_of
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.cards import Card
from coolpapers.papers.refining.rendering import render_macro
from search.language.parser import parse_leniently

register = template.Library()


@register.inclusion_tag("search/_keywords.html")
def paper_keywords(paper: Paper) -> dict[str, Any]:
    """The paper's ten best keywords, each with a link to its search."""
    return {"words": [keyword.word for keyword in keywords_of(paper.title, paper.abstract)]}


@register.simple_tag
def mark_words(card: Card, text: str) -> Card:
    """The card with the words of a query marked in its title and abstract."""
    if not text:
        return card
    paper = card.paper
    marked = highlight_papers(parse_leniently(text), [(paper.key, paper.title, paper.abstract)])
    return replace(card, highlights=marked[paper.key])


@register.simple_tag(takes_context=True)
def facets(context: template.Context) -> Markup:
    """The facets of a list, from ``facets`` and ``has`` of the page."""
    return render_macro("search/facets.jinja", "facets", context["facets"], context.get("has"), facet_words())


@register.simple_tag
def facet_values(facet: Facet) -> Markup:
    """The values of one facet as items of a list."""
    return render_macro("search/facets.jinja", "items", facet, facet_words())
