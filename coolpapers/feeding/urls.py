"""Addresses of sources."""

from __future__ import annotations

from django.urls import path

from coolpapers.feeding.pages import source_views

app_name = "feeding"
urlpatterns = [
    path("site/sources", source_views.list_sources, name="list_sources"),
    path("site/sources/<int:number>", source_views.change_source, name="change_source"),
    path("site/sources/<int:number>/harvest", source_views.harvest_now, name="harvest_now"),
]
