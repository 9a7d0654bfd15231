from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from search.text.name_list import NameList, fits, words_of
from search.text.names import index_names

AUTHORS = {
    "Geoffrey Hinton": 9,
    "Geoffrey E. Hinton": 4,
    "Mary Hinton": 2,
    "Hintermann Geo": 1,
    "van der Waals, J.": 3,
    "Wei Zhang": 8,
    "Wei Wei": 2,
    "Zhang Zhao": 5,
    "María Díaz": 7,
    "Plato": 6,
    "王小明": 3,
}


def readings_of(names: dict[str, int]) -> list[tuple[str, int]]:
    return [(reading, n) for name, n in names.items() for reading in index_names([name])[1].split()]


def names(*typed: str, limit: int = 10) -> list[str]:
    return [" ".join(words_of(reading)) for reading in NameList(readings_of(AUTHORS)).complete(typed, limit=limit)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("hin",), ["hinton geoffrey", "hinton geoffrey e", "hinton mary", "geo hintermann"]),
        (("geof",), ["hinton geoffrey", "hinton geoffrey e"]),
        (("geoffrey", "hin"), ["hinton geoffrey", "hinton geoffrey e"]),
        (("hinton", "geo"), ["hinton geoffrey", "hinton geoffrey e"]),
        (("g", "e", "hin"), ["hinton geoffrey e"]),
        (("m", "hin"), ["hinton mary"]),
        (("van", "der", "w"), ["waals j van der"]),
        (("wei", "wei"), ["wei wei"]),
        (("wei", "w"), ["wei wei"]),
        (("zha",), ["zhang wei", "zhao zhang"]),
        (("pla",), ["plato"]),
        (("王",), ["明 王小 小明"]),
        (("王小", "小明"), ["明 王小 小明"]),
        (("zzz",), []),
        (("zzz", "hin"), []),
        (("hinton", "zzz"), []),
    ],
)
def test_names_by_the_beginning_of_a_word_the_most_frequent_first(typed: Sequence[str], expected: list[str]) -> None:
    assert names(*typed) == expected


def test_words_with_accents_are_no_names() -> None:
    assert names("día") == []
    assert names("dia") == ["diaz maria"]


def test_no_more_names_than_asked_for() -> None:
    assert names("hin", limit=2) == ["hinton geoffrey", "hinton geoffrey e"]


def test_beyond_its_size_the_list_keeps_the_most_frequent_names() -> None:
    kept = NameList(readings_of(AUTHORS), max_names=2)
    assert len(kept) == 2
    assert kept.complete(["w"], limit=5) == ["zhang|wei"]
    assert kept.complete(["mary"], limit=5) == []


def test_the_list_agrees_with_a_comparison_of_all_names() -> None:
    rng = random.Random(5)
    syllables = ["a", "an", "ba", "ban", "chen", "li", "ling", "wei", "zha", "zhan", "zhang"]
    library = {" ".join(rng.choices(syllables, k=rng.randint(1, 4))): n for n in range(400)}
    made = NameList(readings_of(library))
    n_papers = dict(readings_of(library))
    shortest = [reading for reading in n_papers if "_" not in reading.partition("|")[0]]
    for _ in range(300):
        typed = [*rng.choices(syllables, k=rng.randint(0, 2)), rng.choice(syllables)[: rng.randint(1, 4)]]
        fitting = [reading for reading in shortest if fits(words_of(reading), typed)]
        expected = sorted(fitting, key=lambda reading: -n_papers[reading])
        assert made.complete(typed, limit=5) == expected[:5], typed
