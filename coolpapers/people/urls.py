"""Addresses of personal pages and of the sync endpoint."""

from __future__ import annotations

from django.urls import path

from coolpapers.people.home import views as home_views
from coolpapers.people.keywords import cloud_views
from coolpapers.people.state import sync_views, views

app_name = "people"
urlpatterns = [
    path("me/", views.show_personal, name="show_personal"),
    path("me/home", home_views.show_overview, name="show_overview"),
    path("me/pins", home_views.pin_category, name="pin_category"),
    path("me/hidden/clear", views.clear_hidden, name="clear_hidden"),
    path("me/cards", views.show_cards, name="show_cards"),
    path("me/export", views.export_items, name="export_items"),
    path("me/import", views.read_import, name="read_import"),
    path("me/words", cloud_views.show_words, name="show_words"),
    path("me/sync", sync_views.sync, name="sync"),
]
