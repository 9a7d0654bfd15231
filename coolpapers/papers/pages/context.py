"""What every template may use beside its own view's values."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from coolpapers.base.assets import vendor_path
from coolpapers.papers.pages.density import DENSITIES, read_density


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, its browser packages, whether it has accounts, the query in the search box, and densities."""
    return {
        "vendor_path": vendor_path(),
        "site_name": settings.SITE_NAME,
        "has_accounts": settings.ACCOUNTS != "off",
        "density": read_density(request),
        "densities": DENSITIES,
        "search_text": request.GET.get("q") or request.GET.get("query") or "",
    }
