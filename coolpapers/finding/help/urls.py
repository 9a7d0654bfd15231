"""Addresses of help."""

from __future__ import annotations

from django.urls import path

from coolpapers.finding.help import views

app_name = "help"
urlpatterns = [
    path("help/", views.show_page, name="show_index"),
    path("help/first-minutes", views.dismiss_first_minutes, name="dismiss_first_minutes"),
    path("help/<slug:name>", views.show_page, name="show_page"),
]
