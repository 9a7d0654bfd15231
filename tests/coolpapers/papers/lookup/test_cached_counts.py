from __future__ import annotations

from django.core.cache import cache

from coolpapers.papers.lookup import cached_counts as module
from coolpapers.papers.lookup.cached_counts import cached_count, clear


class Maker:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.n_made = 0

    def __call__(self) -> int:
        self.n_made += 1
        return self.n_made


def test_a_value_is_made_once_a_revision() -> None:
    make = Maker()
    assert [cached_count("x", make, revision=1), cached_count("x", make, revision=1)] == [1, 1]
    assert cached_count("x", make, revision=2) == 2


def test_names_are_told_apart_whatever_is_in_them() -> None:
    make = Maker()
    assert [cached_count(name, make, revision=1) for name in ("x", "x y", "x\n", "é" * 500)] == [1, 2, 3, 4]


def test_an_empty_value_is_remembered_too() -> None:
    asked: list[int] = []

    def make() -> tuple[int, ...]:
        asked.append(1)
        return ()

    assert [cached_count("none", make, revision=1), cached_count("none", make, revision=1)] == [(), ()]
    assert asked == [1]


def test_another_process_takes_it_from_the_cache() -> None:
    make = Maker()
    cached_count("x", make, revision=1)
    module._kept.clear()
    assert cached_count("x", make, revision=1) == 1
    assert make.n_made == 1


def test_without_the_cache_the_process_remembers() -> None:
    make = Maker()
    cached_count("x", make, revision=1)
    cache.clear()
    assert cached_count("x", make, revision=1) == 1


def test_the_oldest_fall_out() -> None:
    for number in range(module._MAX_KEPT + 10):
        cached_count(f"x{number}", Maker(), revision=1)
    assert len(module._kept) == module._MAX_KEPT


def test_all_can_be_forgotten() -> None:
    make = Maker()
    cached_count("x", make, revision=1)
    clear()
    assert cached_count("x", make, revision=1) == 2
