"""Addresses of sources, papers that readers ask for, and uploads."""

from __future__ import annotations

from django.urls import path

from coolpapers.feeding.pages import get_views, source_views, upload_views

app_name = "feeding"
urlpatterns = [
    path("get/<path:name>", get_views.get_paper, name="get_paper"),
    path("me/upload", upload_views.upload_file, name="upload_file"),
    path("me/upload/<int:number>/file", upload_views.send_file, name="send_file"),
    path("me/upload/<int:number>/delete", upload_views.delete_entry, name="delete_entry"),
    path("site/sources", source_views.list_sources, name="list_sources"),
    path("site/sources/<int:number>", source_views.change_source, name="change_source"),
    path("site/sources/<int:number>/harvest", source_views.harvest_now, name="harvest_now"),
]
