"""Template tags of lists: ``{% histogram %}`` draws the years or months of the page's list."""

from __future__ import annotations

from django import template
from markupsafe import Markup

from coolpapers.papers.refining.rendering import render_histogram

register = template.Library()


@register.simple_tag(takes_context=True)
def histogram(context: template.Context) -> Markup | str:
    """The histogram of the page, from ``histogram`` of its context."""
    return render_histogram(context.get("histogram"))
