"""Every address of the site; each app lists its own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from coolpapers import health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", health.show_health, name="show_health"),
    path("readyz", health.show_readiness, name="show_readiness"),
    path("", include("coolpapers.people.collections_urls")),  # before the catalogue: …/export of its lists
    path("", include("search.urls")),  # before the catalogue, whose arxiv/<…> would take arxiv/search
    path("", include("coolpapers.reading.urls")),  # before the catalogue, which leads pdf/<…> to the paper's page
    path("", include("coolpapers.papers.urls")),
    path("", include("coolpapers.people.urls")),
    path("", include("coolpapers.people.account_urls")),
]

    path("", include("coolpapers.api.urls")),
handler404 = "coolpapers.papers.not_found.page_not_found"
