"""Addresses for whoever runs the site, and for crawlers."""

from __future__ import annotations

from django.urls import path

from coolpapers.operating.pages import metrics

app_name = "operating"
urlpatterns = [
    path("metrics", metrics.show_metrics, name="show_metrics"),
]
