from __future__ import annotations

from rerank.encoders.pair_cache import MemoryScoreCache, pair_keys


def test_the_least_recently_used_scores_go_first() -> None:
    cache = MemoryScoreCache(size=3)
    cache.set_many({"a": 1.0, "b": 2.0, "c": 3.0})
    cache.get_many(["a"])
    cache.set_many({"d": 4.0})
    assert cache.get_many(["a", "b", "c", "d"]) == {"a": 1.0, "c": 3.0, "d": 4.0}


def test_keys_tell_models_queries_and_texts_apart() -> None:
    keys = {
        *pair_keys("m", "q", ["t", "u"]),
        *pair_keys("n", "q", ["t"]),
        *pair_keys("m", "r", ["t"]),
        *pair_keys("m", "", ["qt"]),
        *pair_keys("m", "q\ud800", ["t"]),
    }
    assert len(keys) == 6
    assert pair_keys("m", "q", ["t"]) == pair_keys("m", "q", ["t"])
    assert all(len(key) < 250 and " " not in key for key in keys)  # memcached's rule, which Django keeps
