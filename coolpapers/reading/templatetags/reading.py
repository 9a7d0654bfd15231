"""Template filters: ``{{ paper.title|render_title }}``, ``{{ paper.abstract|render_abstract }}``."""

from __future__ import annotations

from django import template

from coolpapers.reading import markdown

register = template.Library()
register.filter("render_title", markdown.render_title)
register.filter("render_abstract", markdown.render_abstract)
