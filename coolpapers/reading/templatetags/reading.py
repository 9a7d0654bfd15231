"""Template filters: ``{{ paper.title|render_title }}``, ``{{ paper.abstract|render_abstract }}``,
``{{ summary.markdown|render_markdown }}``."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from coolpapers.reading.markup import markdown
from coolpapers.reading.pages.rendercache import cached_markdown

register = template.Library()
register.filter("render_title", markdown.render_title)
register.filter("render_abstract", markdown.render_abstract)
register.filter("render_markdown", cached_markdown)


@register.filter
def render_partial(text: str) -> SafeString:
    """A summary that is still being written."""
    return markdown.render_markdown(text, partial=True)
