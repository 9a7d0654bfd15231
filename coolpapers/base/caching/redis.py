"""A Django cache in Redis that no page depends on: while Redis is down, this process keeps entries in its own memory.

Redis' own errors are no OSError, and each would fail a page. Here they are counted
(:data:`coolpapers.base.outages.degraded`), and Redis is left alone for some seconds, so that few pages wait for it.
What is kept must stay right when it is lost or differs between processes: counts of requests, and pages that can be
computed again. Sessions are not kept here, as one that was ended while Redis was down would come back with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache, RedisSerializer

from coolpapers.base.caching.memory import MemoryCache
from coolpapers.base.outages import degraded

T = TypeVar("T")

CONNECT_S = 0.5  # seconds to wait for a connection, and for an answer; Redis on the same network takes 1 ms
ANSWER_S = 1.0
REST_S = 5.0  # seconds for which a Redis that failed is not asked
_ERRORS = (redis.RedisError, OSError)
_DELETED_AT_ONCE = 1_000

# Until when a Redis rests, by name: Django makes a cache for each thread, and one failure is enough for all of them.
_resting: dict[str, float] = {}
_lock = threading.Lock()


class FallbackRedisCache(BaseCache):
    """``OPTIONS``: ``NAME`` of what is kept, for the count of failures; ``MAX_ENTRIES`` in this process's memory."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = dict(params.get("OPTIONS", {}))
        self._name = str(options.pop("NAME", "cache"))
        local = {"MAX_ENTRIES": options.pop("MAX_ENTRIES", 20_000)}
        options = {
            "socket_connect_timeout": CONNECT_S,
            "socket_timeout": ANSWER_S,
            "serializer": _Serializer,
            **options,
        }
        self._redis = _OwnKeysCache([server], {**params, "OPTIONS": options})
        self._local = MemoryCache(f"fallback-{self._name}", {**params, "OPTIONS": local})

    # Each method of a cache that touches its store; those of BaseCache are made of these.

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._run(lambda cache: cache.get(key, default, version))

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._run(lambda cache: cache.set(key, value, timeout, version))

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._run(lambda cache: cache.add(key, value, timeout, version))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._run(lambda cache: cache.touch(key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._run(lambda cache: cache.delete(key, version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return self._run(lambda cache: cache.has_key(key, version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Raises ValueError if the key does not exist, as every Django cache."""
        return self._run(lambda cache: cache.incr(key, delta, version))

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        keys = list(keys)
        return self._run(lambda cache: cache.get_many(keys, version))

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[Any]:
        return self._run(lambda cache: cache.set_many(data, timeout, version))

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        keys = list(keys)
        self._run(lambda cache: cache.delete_many(keys, version))

    def clear(self) -> None:
        self._local.clear()
        self._run(lambda cache: cache.clear())

    def problem(self) -> str:
        """Why Redis does not answer now; "" where it does. Asks it even while it rests."""
        try:
            self._redis.get("coolpapers-doctor")
        except _ERRORS as exc:
            return " ".join(str(exc).split()) or type(exc).__name__
        return ""

    def _run(self, ask: Callable[[BaseCache], T]) -> T:
        if time.monotonic() < _resting.get(self._name, 0.0):
            return ask(self._local)
        try:
            result = ask(self._redis)
        except _ERRORS as exc:
            self._fail(exc)
            return ask(self._local)
        degraded.succeed(self._name)
        return result

    def _fail(self, error: BaseException) -> None:
        degraded.count(self._name, error)
        if isinstance(error, redis.ConnectionError | redis.TimeoutError | OSError):
            with _lock:
                _resting[self._name] = time.monotonic() + REST_S


class _OwnKeysCache(RedisCache):
    """Django's, but :meth:`clear` deletes the keys of this cache only: the broker may use the same database."""

    def clear(self) -> None:
        client: Any = self._cache.get_client(None, write=True)
        keys: list[bytes] = []
        for key in client.scan_iter(match=f"{_escaped(self.key_prefix)}:*", count=_DELETED_AT_ONCE):
            keys.append(key)
            if len(keys) == _DELETED_AT_ONCE:
                client.delete(*keys)
                keys = []
        if keys:
            client.delete(*keys)


class _Serializer(RedisSerializer):
    """An entry that cannot be read, such as that of another version, is an error of Redis and not of a page."""

    def loads(self, data: Any) -> Any:
        try:
            return super().loads(data)
        except Exception as exc:  # unpickling raises whatever the class of the entry does
            raise redis.DataError(f"an entry cannot be read: {exc}") from exc


def _escaped(prefix: str) -> str:
    return "".join(f"\\{sign}" if sign in "*?[]\\" else sign for sign in prefix)
