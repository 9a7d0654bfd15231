from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.reading.summarizers.limits import RateLimit, estimate_tokens, truncate_to_tokens


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("word" * 10, 10), ("论文摘要", 4), ("论文abcd", 3)])
def test_tokens_are_estimated_by_script(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


@given(st.text(), st.integers(-1, 200))
def test_a_cut_text_fits_and_is_a_beginning(text: str, limit: int) -> None:
    cut = truncate_to_tokens(text, limit)
    assert text.startswith(cut)
    assert estimate_tokens(cut) <= max(limit, 0)


def test_the_cut_falls_on_a_sentence_end_where_one_is_near() -> None:
    assert (
        truncate_to_tokens("A first sentence that is long enough. " + "x" * 30, 11)
        == "A first sentence that is long enough. "
    )


def test_requests_a_minute_are_kept() -> None:
    clock = Clock()
    limit = RateLimit(requests=2, tokens=0, clock=clock, sleep=clock.sleep)
    for _ in range(5):
        limit.wait(1)
    assert clock.slept == [60.0, 60.0]


def test_tokens_a_minute_are_kept_and_a_large_request_goes_out_alone() -> None:
    clock = Clock()
    limit = RateLimit(requests=0, tokens=100, clock=clock, sleep=clock.sleep)
    for tokens in (60, 40, 30, 500):
        limit.wait(tokens)
    assert clock.slept == [60.0, 60.0]


def test_no_limit_never_waits() -> None:
    clock = Clock()
    limit = RateLimit(requests=0, tokens=0, clock=clock, sleep=clock.sleep)
    for _ in range(100):
        limit.wait(10_000)
    assert clock.slept == []
