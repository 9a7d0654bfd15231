"""The cache in Redis: shared while it runs, replaced by the process's memory while it does not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import redis
from django.core.cache import BaseCache

from coolpapers.base.caching import redis as module
from coolpapers.base.caching.redis import FallbackRedisCache
from coolpapers.base.outages import degraded
from tests.coolpapers.test_asgi import serving
from tests.own_library import Library, free_port, make_database
from tests.servers import RedisServer, redis_server

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _awake() -> Iterator[None]:
    module._resting.clear()
    yield
    module._resting.clear()


def make_cache(url: str, **params: object) -> BaseCache:
    cache = FallbackRedisCache(url, {"KEY_PREFIX": "test[*]", "TIMEOUT": 60, "OPTIONS": {"NAME": "trial"}, **params})
    cache._local.clear()
    return cache


def use(cache: BaseCache) -> None:
    """Everything that a Django cache does."""
    cache.clear()
    assert cache.get("a", "none") == "none"
    cache.set("a", {"x": [1, "ü"]})
    assert cache.get("a") == {"x": [1, "ü"]}
    assert cache.add("a", 2) is False
    assert cache.add("b", 2) is True
    assert cache.incr("b") == 3
    assert cache.decr("b", 2) == 1
    with pytest.raises(ValueError, match="not found"):
        cache.incr("missing")
    assert "b" in cache
    assert cache.touch("b", 30) is True
    assert cache.touch("missing") is False
    assert cache.set_many({"c": 1, "d": 2}) == []
    assert cache.get_many(key for key in ("a", "c", "e")) == {"a": {"x": [1, "ü"]}, "c": 1}
    cache.delete_many(key for key in ("c", "d"))
    assert cache.get("c") is None
    assert cache.delete("a") is True
    assert cache.get_or_set("f", lambda: 7) == 7
    cache.set("g", 1, timeout=0)
    assert cache.get("g") is None


def test_it_is_a_cache_in_redis(server: RedisServer) -> None:
    before = degraded.counts().get("trial", 0)
    use(make_cache(server.url))
    assert degraded.counts().get("trial", 0) == before


def test_it_is_a_cache_without_redis() -> None:
    use(make_cache(f"redis://127.0.0.1:{free_port()}/0"))
    assert degraded.counts()["trial"] >= 1


def test_processes_count_together(server: RedisServer) -> None:
    caches = [make_cache(server.url) for _ in range(4)]
    caches[0].set("n", 0)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda cache: [cache.incr("n") for _ in range(50)], caches))
    assert caches[3].get("n") == 200


def test_clearing_leaves_the_keys_of_others(server: RedisServer) -> None:
    client = redis.Redis.from_url(server.url)
    others = {"celery": b"queue", "test1:1:a": b"x", "testx:1:a": b"x"}  # the prefix is no pattern
    for key, value in others.items():
        client.set(key, value)
    cache = make_cache(server.url)
    cache.set_many({f"k{number}": number for number in range(2_500)})
    cache.clear()
    assert {str(key, "utf-8"): client.get(key) for key in client.scan_iter()} == others
    client.flushdb()


def test_an_entry_that_cannot_be_read_is_computed_again(server: RedisServer) -> None:
    cache = make_cache(server.url)
    cache.set("a", "text")
    key = cache.make_and_validate_key("a")
    for damaged in (b"\x80\x05garbage", b"cno_such_module\nNoClass\n.", b""):
        redis.Redis.from_url(server.url).set(key, damaged)
        assert cache.get("a") is None
    cache.set("a", "new")
    assert cache.get("a") == "new"


def test_a_redis_that_hangs_delays_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 0.2)
    with redis_server() as hanging:
        cache = make_cache(hanging.url)
        cache.set("a", 1)
        redis.Redis.from_url(hanging.url).client_pause(60_000)
        before = degraded.counts().get("trial", 0)
        assert [cache.get("a") for _ in range(50)] == [None] * 50
        assert degraded.counts()["trial"] == before + 1


def test_it_is_asked_again_after_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    cache = make_cache(f"redis://127.0.0.1:{port}/0")
    cache.set("a", "here")
    assert "refused" in cache.problem()  # type: ignore[attr-defined]
    with redis_server(port):
        assert cache.problem() == ""  # type: ignore[attr-defined]
        assert cache.get("a") == "here"  # it rests
        module._resting["trial"] = time.monotonic()
        assert cache.get("a") is None
        cache.set("a", "there")
        assert cache.get("a") == "there"


@pytest.mark.slow
def test_no_page_fails_when_redis_is_killed_and_comes_back(tmp_path: Path) -> None:
    make_database(tmp_path)
    port = free_port()
    settings = {
        "COOLPAPERS_DEBUG": "yes",
        "COOLPAPERS_SEARCH_MODE": "bm25",
        "COOLPAPERS_CACHE_URL": f"redis://127.0.0.1:{port}/0",
        "COOLPAPERS_FEED_RATE": "1000",
    }
    library = Library(tmp_path, **settings)
    library.done("load_starter")
    library.done("update_index")
    addresses = (
        "/",
        "/search?q=parsing",
        "/arxiv/all",
        "/arxiv/all/feed",
        "/api/v1/search?q=parsing",
        "/search?q=language+model",
    )

    def visit(client: httpx.Client) -> list[int]:
        return [client.get(address).status_code for address in addresses for _ in range(3)]

    with serving(library) as (client, _process):
        with redis_server(port) as server:
            assert set(visit(client)) == {200}
            assert redis.Redis.from_url(server.url).dbsize() > 0
            server.kill()
            assert set(visit(client)) == {200}
            state = client.get("/readyz").json()
            assert state["ready"] is True
            assert {"cache", "rates"} <= state["degraded"].keys()
            assert 'coolpapers_degraded_total{what="cache"}' in client.get("/metrics").text
        with redis_server(port) as server:
            assert set(visit(client)) == {200}
            for _ in range(100):  # until Redis has rested
                client.get("/arxiv/all/feed")  # is counted at each request
                if redis.Redis.from_url(server.url).dbsize() > 0:
                    break
                time.sleep(0.1)
            assert redis.Redis.from_url(server.url).dbsize() > 0
