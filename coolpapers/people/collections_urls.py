"""Addresses of collections, saved searches, alerts, and of files of whole lists."""

from __future__ import annotations

from django.urls import path

from coolpapers.people import exporting_views

app_name = "collections"
urlpatterns = [
    path("search/export", exporting_views.export_search, name="export_search"),
    path("arxiv/search/export", exporting_views.export_search),
    path("venue/search/export", exporting_views.export_search),
    path("arxiv/<path:spec>/export", exporting_views.export_arxiv, name="export_arxiv"),
    path("venue/<path:spec>/export", exporting_views.export_venue, name="export_venue"),
    path("me/collections/export", exporting_views.export_keys, name="export_keys"),
]
