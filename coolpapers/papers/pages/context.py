"""What every template may use beside its own view's values."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, whether it has accounts, and the query to show in the search box."""
    return {
        "site_name": settings.SITE_NAME,
        "has_accounts": settings.ACCOUNTS != "off",
        "search_text": request.GET.get("q") or request.GET.get("query") or "",
    }
