"""The root URL configuration; each app lists its own addresses."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from coolpapers import health, status
from coolpapers.people.state.languages import set_language

admin.site.site_header = admin.site.site_title = settings.SITE_NAME

urlpatterns = [
    path("admin/", admin.site.urls),
    path("language", set_language, name="set_language"),
    path("healthz", health.show_health, name="show_health"),
    path("readyz", health.show_readiness, name="show_readiness"),
    path("status", status.show_status, name="show_status"),
    path("status/harvest", status.harvest_again, name="harvest_again"),
    path("", include("coolpapers.operating.urls")),
    path("", include("coolpapers.people.urls")),
    path("", include("coolpapers.people.accounts.urls")),
    path("", include("coolpapers.people.collections.urls")),  # before the catalogue: …/export of its lists
    path("", include("coolpapers.feeding.urls")),
    path("", include("coolpapers.api.urls")),
    path("", include("coolpapers.finding.help.urls")),
    path("", include("coolpapers.finding.urls")),  # before the catalogue, whose arxiv/<…> matches arxiv/search
    path("", include("coolpapers.reading.urls")),  # before the catalogue, which redirects pdf/<…> to the paper's page
    path("", include("coolpapers.papers.urls")),
]

handler500 = "coolpapers.base.observing.error_pages.server_error"
handler404 = "coolpapers.papers.pages.not_found.page_not_found"
