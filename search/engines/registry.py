"""The engines of the settings, one instance per process."""

from __future__ import annotations

from django.conf import settings

from search.base.backends import BackendHandler
from search.engines.base import SearchBackend

search_backends: BackendHandler[SearchBackend] = BackendHandler("SEARCH_BACKENDS")


def search_backend(alias: str | None = None) -> SearchBackend:
    """The engine with the alias; None means SEARCH_BACKEND."""
    return search_backends[alias or settings.SEARCH_BACKEND]
