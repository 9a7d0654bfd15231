"""Counts over the whole library, kept until the library changes.

Two places: the process (no copying, nothing to unpack) and Django's cache, which processes may share. The library's
revision is part of the key, so nothing is ever told to forget; what is old falls out.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.core.cache import cache

T = TypeVar("T")

# Lists of days of the category sets that readers ask for are the most numerous: some 100 KB each at most.
_MAX_KEPT = 256
# Counts are of use for as long as the library stays the same; a day bounds what a quiet library leaves in the cache.
_CACHED_S = 86_400

_kept: OrderedDict[str, Any] = OrderedDict()
_lock = threading.Lock()


def cached_count(name: str, make: Callable[[], T], *, revision: int) -> T:
    """``make()``, kept until the library changes; the value is shared, so nobody may change it.

    ``revision`` is the library's (``models.latest_revision``), asked for once a request. ``make`` must not return
    None.
    """
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    key = f"papers:{revision}:{digest}"
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return cast(T, _kept[key])
    found: T | None = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, _CACHED_S)
    with _lock:
        _kept[key] = found
        while len(_kept) > _MAX_KEPT:
            _kept.popitem(last=False)
    return found


def clear() -> None:
    """Forget what the process and the cache keep: for tests, whose revisions all begin at 1."""
    with _lock:
        _kept.clear()
    cache.clear()
