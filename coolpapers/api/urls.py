"""Addresses for programs."""

from __future__ import annotations

from django.urls import path

from coolpapers.api.endpoints import api

urlpatterns = [
    path("api/v1/", api.urls),
]
