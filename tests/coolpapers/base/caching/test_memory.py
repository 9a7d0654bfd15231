"""The cache in memory: Django's, bounded in bytes."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.base.caching.memory import ENTRY_BYTES, MemoryCache


def make_cache(n_bytes: int, **options: object) -> MemoryCache:
    cache = MemoryCache("trial", {"TIMEOUT": 60, "OPTIONS": {"MAX_BYTES": n_bytes, "MAX_ENTRIES": 20_000, **options}})
    cache.clear()
    return cache


def stored_bytes(cache: MemoryCache) -> int:
    return sum(ENTRY_BYTES + len(value) for value in cache._cache.values())


def test_many_entries_of_any_size_stay_within_the_bytes() -> None:
    cache = make_cache(1_000_000)
    for n in range(5_000):
        cache.set(f"key{n}", "x" * (n % 97 * 300))
        assert stored_bytes(cache) <= 1_000_000
    assert cache.get("key4999") == "x" * (4_999 % 97 * 300)
    assert cache.get("key0") is None


def test_what_is_read_stays() -> None:
    cache = make_cache(100_000)
    cache.set("used", 1)
    for n in range(1_000):
        cache.set(f"key{n}", "x" * 2_000)
        assert cache.get("used") == 1


def test_an_entry_that_would_push_out_most_others_is_not_kept() -> None:
    cache = make_cache(100_000)
    cache.set("small", 1)
    cache.set("large", 1)
    cache.set("large", "x" * 60_000)
    assert cache.get("large") is None  # not the old value
    assert cache.get("small") == 1


def test_the_number_of_entries_is_bounded_too() -> None:
    cache = make_cache(100_000_000, MAX_ENTRIES=50)
    for n in range(1_000):
        cache.set(f"key{n}", n)
    assert len(cache._cache) <= 50
    assert cache.n_bytes == stored_bytes(cache)


_KEYS = st.sampled_from("abcdef")
_STEPS = st.one_of(
    st.tuples(st.just("set"), _KEYS, st.integers(0, 3_000)),
    st.tuples(st.just("add"), _KEYS, st.integers(0, 3_000)),
    st.tuples(st.just("delete"), _KEYS, st.none()),
    st.tuples(st.just("expire"), _KEYS, st.none()),
    st.tuples(st.just("clear"), st.none(), st.none()),
)


@given(st.lists(_STEPS, max_size=40))
def test_it_answers_as_djangos_cache_and_counts_its_bytes(steps: list[tuple[str, str, int]]) -> None:
    ours, django = make_cache(1_000_000), LocMemCache("plain", {"TIMEOUT": 60})
    django.clear()
    for step, key, size in steps:
        for cache in (ours, django):
            if step == "set":
                cache.set(key, "x" * size)
            elif step == "add":
                cache.add(key, "x" * size)
            elif step == "delete":
                cache.delete(key)
            elif step == "expire":
                cache.touch(key, timeout=-1)
            else:
                cache.clear()
        assert [ours.get(name) for name in "abcdef"] == [django.get(name) for name in "abcdef"]
        assert ours.n_bytes == stored_bytes(ours)


def test_counters() -> None:
    cache = make_cache(10_000)
    cache.set("count", 1)
    assert cache.incr("count") == 2
    assert cache.incr("count", 1_000_000) == 1_000_002
    assert cache.n_bytes <= 10_000
    cache.delete("count")
    assert cache.n_bytes == 0
    with pytest.raises(ValueError, match="not found"):
        cache.incr("none")


def test_threads_share_the_bytes() -> None:
    def fill(thread: int) -> None:
        cache = MemoryCache("trial", {"OPTIONS": {"MAX_BYTES": 200_000}})
        for n in range(500):
            cache.set(f"{thread}-{n}", "x" * 1_000)

    shared = make_cache(200_000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fill, range(8)))
    assert shared.n_bytes == stored_bytes(shared) <= 200_000


def test_the_site_bounds_its_caches_in_bytes() -> None:
    for name in ("default", "pages"):
        cache = caches[name]
        assert isinstance(cache, MemoryCache)
        assert len(pickle.dumps("x" * 200_000)) < cache._max_bytes // 2 <= 32 << 20
