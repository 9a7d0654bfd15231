"""One handler for everything that settings choose by alias: search engines, rerankers, sources.

A settings dict maps an alias to ``{"BACKEND": "dotted.Class", "OPTIONS": {...}}``; OPTIONS arrive as
keyword arguments. Unlike Django's cache handler, which builds one object a thread, this builds one
object a process under a lock: for a model, one a thread would mean one copy of the weights a thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Generic, TypeVar, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

T = TypeVar("T")


class UnknownBackend(LookupError):
    """The settings name no backend of that alias."""


class BackendHandler(Generic[T]):
    """Builds and keeps the backends of one settings dict.

    >>> search_backends = BackendHandler[SearchBackend]("SEARCH_BACKENDS")  # doctest: +SKIP
    >>> search_backends["default"]  # doctest: +SKIP
    """

    def __init__(self, setting: str) -> None:
        self.setting = setting
        self._lock = threading.RLock()
        self._built: dict[str, T] = {}
        setting_changed.connect(self._forget, weak=False)

    def __getitem__(self, alias: str) -> T:
        """Return the backend of that alias, built at the first call.

        Raises UnknownBackend (a LookupError) where the alias is missing, ImproperlyConfigured where its
        class cannot be imported or its OPTIONS do not fit.
        """
        with self._lock:
            if alias not in self._built:
                self._built[alias] = self._build(alias)
            return self._built[alias]

    def __iter__(self) -> Iterator[str]:
        return iter(self.configuration)

    @property
    def configuration(self) -> dict[str, dict[str, Any]]:
        return cast(dict[str, dict[str, Any]], getattr(settings, self.setting))

    def _build(self, alias: str) -> T:
        try:
            entry = self.configuration[alias]
        except KeyError as exc:
            known = ", ".join(sorted(self.configuration))
            raise UnknownBackend(f"{self.setting} has no {alias!r}; it has: {known}.") from exc
        try:
            backend_class = import_string(entry["BACKEND"])
            return cast(T, backend_class(**entry.get("OPTIONS", {})))
        except (ImportError, KeyError, TypeError) as exc:
            raise ImproperlyConfigured(f"{self.setting}[{alias!r}] cannot be built: {exc}") from exc

    def _forget(self, *, setting: str, **_: object) -> None:
        if setting == self.setting:
            with self._lock:
                self._built.clear()
