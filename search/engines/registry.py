"""The engines of the settings, built once per process."""

from __future__ import annotations

from django.conf import settings

from search.base.backends import BackendHandler
from search.engines.base import SearchBackend

search_backends: BackendHandler[SearchBackend] = BackendHandler("SEARCH_BACKENDS")


def search_backend(alias: str | None = None) -> SearchBackend:
    """The engine of the settings (SEARCH_BACKEND), or the one named."""
    return search_backends[alias or settings.SEARCH_BACKEND]
