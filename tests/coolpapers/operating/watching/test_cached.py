"""A value is computed once in its time, by one thread."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from coolpapers.operating.watching.cached import Cached


def test_a_value_is_computed_once_in_its_time() -> None:
    runs: list[int] = []

    def compute() -> int:
        runs.append(1)
        return len(runs)

    cached = Cached(compute, lasts_s=30)
    assert [cached.get(now) for now in (0.0, 10.0, 29.0, 31.0, 40.0)] == [1, 1, 1, 2, 2]
    cached.forget()
    assert cached.get(41.0) == 3


def test_others_get_the_old_value_while_one_computes() -> None:
    may_end, has_begun = threading.Event(), threading.Event()
    may_end.set()

    def compute() -> int:
        has_begun.set()
        assert may_end.wait(60)
        return 0

    cached = Cached(compute, lasts_s=30)
    cached.get(0.0)
    may_end.clear()
    has_begun.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(cached.get, 31.0)
        assert has_begun.wait(60)
        assert cached.get(31.0) == 0
        assert not first.done()
        may_end.set()


def test_a_failure_is_not_kept() -> None:
    answers: list[object] = [ValueError("x"), 5]

    def compute() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    cached = Cached(compute, lasts_s=30)
    with pytest.raises(ValueError, match="x"):
        cached.get(0.0)
    assert cached.get(0.0) == 5
