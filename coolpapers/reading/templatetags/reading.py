"""Template filters: ``{{ paper.title|render_title }}``, ``{{ paper.abstract|render_abstract }}``,
``{{ summary.markdown|render_markdown }}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from coolpapers.reading.markup import markdown
from coolpapers.reading.pages.librarian import asks_librarian
from coolpapers.reading.pages.rendercache import cached_markdown

register = template.Library()
register.filter("render_title", markdown.render_title)
register.filter("render_abstract", markdown.render_abstract)
register.filter("render_markdown", cached_markdown)


@register.filter
def render_partial(text: str) -> SafeString:
    """A summary that is still being written."""
    return markdown.render_markdown(text, partial=True)


@register.inclusion_tag("reading/_fetch_question.html", takes_context=True)
def ask_librarian(context: template.Context) -> dict[str, Any]:
    """Ask the librarian whether PDFs may be fetched; nothing for others, or once it is decided."""
    request = context["request"]
    return {"request": request, "csrf_token": context.get("csrf_token"), "is_asked": asks_librarian(request)}
