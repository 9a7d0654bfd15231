"""Jinja templates, for parts of pages with hundreds of nodes.

The reasons are in ``docs/decisions/0020-cards-are-rendered-by-jinja.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from jinja2 import Environment, FileSystemLoader


def make_environment(*, filters: dict[str, Callable[..., Any]] | None = None, **functions: Any) -> Environment:
    """An environment that reads the templates of the site and escapes values; ``functions`` are known to all."""
    environment = Environment(
        loader=FileSystemLoader(settings.BASE_DIR / "templates"),
        autoescape=True,
        auto_reload=settings.DEBUG,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters or {})
    environment.globals.update(functions)
    return environment
