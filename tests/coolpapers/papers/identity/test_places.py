from __future__ import annotations

import pytest

from coolpapers.papers.identity.places import is_same_name, venue_words, years_apart


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("J. Mach. Learn. Res.", "Journal of Machine Learning Research"),
        ("JMLR", "Journal of Machine Learning Research"),
        ("Phys.Rev.", "Physical Review"),
        ("Proceedings of the 5th Conference on Parsing Trees", "Conference on Parsing Trees"),
    ],
)
def test_a_venue_and_its_abbreviation(one: str, other: str) -> None:
    assert is_same_name(one, other)
    assert is_same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("IEEE Software", "IEEE Micro"), ("Journal of Baz", "Journal of Qux"), ("", "Nature"),
     ("Physical Review A", "Nature Physics")],
)  # fmt: skip
def test_two_venues(one: str, other: str) -> None:
    assert not is_same_name(one, other)
    assert not is_same_name(other, one)


def test_words_that_say_nothing_are_left_out() -> None:
    assert venue_words("Proceedings of the 5th International Conference on Parsing") == ("parsing",)


def test_years_are_spans() -> None:
    assert years_apart((2015, 2018), (2019, 2019)) == 1
    assert years_apart((2019, 2019), (2015, 2018)) == 1
    assert years_apart((2015, 2018), (2016, 2016)) == 0
    assert years_apart(None, (2016, 2016)) is None
