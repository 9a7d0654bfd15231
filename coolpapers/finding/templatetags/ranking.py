"""Template tags for a paper: ``{% paper_keywords paper %}``."""

from __future__ import annotations

from typing import Any

from django import template

from coolpapers.finding.paper_keywords import keywords_of
from coolpapers.papers.models import Paper

register = template.Library()


@register.inclusion_tag("search/_keywords.html")
def paper_keywords(paper: Paper) -> dict[str, Any]:
    """The paper's ten best keywords, each with a link to its search."""
    return {"words": [keyword.word for keyword in keywords_of(paper.title, paper.abstract)]}
