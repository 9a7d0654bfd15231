"""What every template may use beside its own view's values."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

# One file a component, in the order in which later ones refine earlier ones.
STYLE_SHEETS = tuple(
    f"css/{name}.css"
    for name in (
        "variables",
        "base",
        "header",
        "cards",
        "math",
        "lists",
        "home",
        "paper",
        "reading",
        "suggest",
        "ranking",
        "people",
        "words",
        "collections",
        "tools",
        "keys",
        "print",
    )
)


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name and style sheets, and the query to show in the search box."""
    return {
        "site_name": settings.SITE_NAME,
        "style_sheets": STYLE_SHEETS,
        "has_accounts": settings.ACCOUNTS != "off",
        "search_text": request.GET.get("q") or request.GET.get("query") or "",
    }
