"""Backends that the settings choose by alias: search engines, rerankers, sources.

A settings dict maps an alias to ``{"BACKEND": "dotted.Class", "OPTIONS": {...}}``. OPTIONS are passed as keyword
arguments. Django's cache handler builds one object per thread; this one builds one per process, under a lock, because
a model per thread would mean one copy of the weights per thread.
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
    """The settings have no backend with that alias."""


class BackendHandler(Generic[T]):
    """The backends of one settings dict, each built on first use.

    >>> search_backends = BackendHandler[SearchBackend]("SEARCH_BACKENDS")  # doctest: +SKIP
    >>> search_backends["default"]  # doctest: +SKIP
    """

    def __init__(self, setting: str) -> None:
        self.setting = setting
        self._lock = threading.RLock()
        self._built: dict[str, T] = {}
        setting_changed.connect(self._forget, weak=False)

    def __getitem__(self, alias: str) -> T:
        """Return the backend with that alias.

        Raises
        ------
        UnknownBackend (a LookupError)
            If the alias is missing.
        ImproperlyConfigured
            If the class cannot be imported or does not take its OPTIONS.
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
            aliases = ", ".join(sorted(self.configuration))
            raise UnknownBackend(f"{self.setting} has no {alias!r}; it has: {aliases}.") from exc
        try:
            backend_class = import_string(entry["BACKEND"])
            return cast(T, backend_class(**entry.get("OPTIONS", {})))
        except (ImportError, KeyError, TypeError) as exc:
            raise ImproperlyConfigured(f"{self.setting}[{alias!r}] cannot be built: {exc}") from exc

    def _forget(self, *, setting: str, **_: object) -> None:
        if setting == self.setting:
            with self._lock:
                self._built.clear()
