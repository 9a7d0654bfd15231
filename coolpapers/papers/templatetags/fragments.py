"""``{% kept_fragment "_keys.html" %}``: a part of each page that no reader changes, rendered once."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def kept_fragment(name: str) -> str:
    """The template ``name``, which gets no context: language, root and static files of the site decide it."""
    if settings.DEBUG:  # templates may change
        return render_to_string(name)
    return _rendered(name, get_language(), get_script_prefix(), static("img/icons.svg"))


@lru_cache(maxsize=64)
def _rendered(name: str, _language: str | None, _prefix: str, _icons: str) -> str:
    return render_to_string(name)
