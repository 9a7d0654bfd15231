from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from search.text.recent import MAX_KEPT_CHARS, RecentWords


class Upper:
    """Upper case, and the words that were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, word: str) -> str:
        self.asked.append(word)
        return word.upper()


@given(st.lists(st.text(max_size=100), max_size=300), st.integers(1, 20))
def test_values_are_right_and_never_more_than_the_limit(words: list[str], limit: int) -> None:
    values = RecentWords(str.upper, limit=limit)
    for word in words:
        assert values[word] == word.upper()
        assert values.n_kept <= max(limit, 2)


def test_many_different_words_leave_only_the_latest() -> None:
    compute = Upper()
    values = RecentWords(compute, limit=1_000)
    for number in range(20_000):
        values[f"w{number}"]
    assert values.n_kept <= 1_000
    compute.asked.clear()
    latest = [f"w{number}" for number in range(19_600, 20_000)]
    assert [values[word] for word in latest] == [word.upper() for word in latest]
    assert not compute.asked


def test_a_word_that_is_used_again_stays() -> None:
    compute = Upper()
    values = RecentWords(compute, limit=100)
    for number in range(10_000):
        values[f"w{number}"]
        values["the"]
    assert compute.asked.count("the") == 1


def test_long_words_are_not_kept() -> None:
    values = RecentWords(str.upper, limit=1_000)
    for length in (MAX_KEPT_CHARS + 1, 100_000):
        assert values["a" * length] == "A" * length
    assert values.n_kept == 0


def test_threads_share_the_values() -> None:
    values = RecentWords(str.upper, limit=64)

    def look_up(seed: int) -> bool:
        return all(values[f"w{n % 97}"] == f"W{n % 97}" for n in range(seed, seed + 5_000))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(look_up, range(8)))
    assert values.n_kept <= 64 + 8  # each thread may add one before it sees that the half is full
