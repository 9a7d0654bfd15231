"""What every template may use beside its own view's values."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from coolpapers.base.assets import vendor_path
from coolpapers.papers.pages.density import DENSITIES, read_density


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name and address, browser packages, whether it has accounts, the query in its box, and densities."""
    return {
        "vendor_path": vendor_path(),
        "site_name": settings.SITE_NAME,
        "site_origin": site_origin(request),
        "has_accounts": settings.ACCOUNTS != "off",
        "density": read_density(request),
        "densities": DENSITIES,
        "search_text": request.GET.get("q") or request.GET.get("query") or "",
    }


def site_origin(request: HttpRequest) -> str:
    """How the public address of the site begins: SITE_URL, or without it the host of the request."""
    return settings.SITE_URL if settings.HAS_SITE_URL else request.build_absolute_uri("/").rstrip("/")
