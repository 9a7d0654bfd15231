"""Addresses of sources, and of papers that readers ask for."""

from __future__ import annotations

from django.urls import path

from coolpapers.feeding.pages import get_views, source_views

app_name = "feeding"
urlpatterns = [
    path("get/<path:name>", get_views.get_paper, name="get_paper"),
    path("site/sources", source_views.list_sources, name="list_sources"),
    path("site/sources/<int:number>", source_views.change_source, name="change_source"),
    path("site/sources/<int:number>/harvest", source_views.harvest_now, name="harvest_now"),
]
