from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.bm25 import byte_length, inverse_document_frequency, saturate


def test_the_formula_on_paper() -> None:
    """10 papers, 2 with the word, twice in a field of 5 tokens where 4 are the mean."""
    assert inverse_document_frequency(10, 2) == pytest.approx(math.log(1 + 8.5 / 2.5))
    assert saturate(2, 5, 4) == pytest.approx(2.2 * 2 / (2 + 1.2 * (0.25 + 0.75 * 5 / 4)))


def test_a_word_in_every_paper_still_counts_a_little() -> None:
    assert inverse_document_frequency(10, 10) > 0


def test_an_empty_stream_gives_nothing() -> None:
    assert saturate(1, 0, 0) == 0.0


@pytest.mark.parametrize(
    ("length", "stored"),
    [(0, 0), (1, 1), (39, 39), (40, 40), (41, 40), (42, 42), (175, 168), (184, 184), (10**6, 983_064)],
)
def test_lengths_in_one_byte(length: int, stored: int) -> None:
    assert byte_length(length) == stored


@given(st.integers(0, 2_000_000_000))
def test_a_length_in_one_byte_is_at_most_a_ninth_too_short(length: int) -> None:
    assert length * 8 / 9 - 1 < byte_length(length) <= length
