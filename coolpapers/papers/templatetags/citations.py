"""What cards and paper pages tell reference managers.

``{{ paper|coins }}`` is the title of a card's ``<span class="Z3988">``; ``{% citation_tags paper %}`` gives the
``<meta>`` tags and the JSON-LD of a paper page.
"""

from __future__ import annotations

from typing import Any

from django import template

from coolpapers.papers.citations.embedded.coins import context_object
from coolpapers.papers.citations.embedded.highwire import highwire_tags
from coolpapers.papers.citations.embedded.schema_org import scholarly_article, script_json
from coolpapers.papers.citations.work import describe_work
from coolpapers.papers.models import Paper

register = template.Library()


@register.filter
def coins(paper: Paper) -> str:
    """The COinS context object of a paper; escaped by the template like any text."""
    return context_object(describe_work(paper))


@register.inclusion_tag("papers/_citation_tags.html", takes_context=True)
def citation_tags(context: template.Context, paper: Paper) -> dict[str, Any]:
    """``citation_*`` tags and JSON-LD for the page that is being shown."""
    work = describe_work(paper)
    page_url = context["request"].build_absolute_uri(context["request"].path)
    return {
        "tags": highwire_tags(work, page_url=page_url),
        "article": script_json(scholarly_article(work, page_url=page_url)),
    }
