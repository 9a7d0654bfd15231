"""Arguments of fractions and roots outside formulas."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.latex.operators import OPERATORS, in_brackets, is_word_beside, read_argument, read_option


@pytest.mark.parametrize(
    ("text", "source", "end"),
    [
        ("{a{b}}c", "a{b}", 6),
        (" {a} b", "a", 4),
        ("12", "1", 1),
        ("|Y|γ", "|Y|", 3),
        ("(1-x)", "(1-x)", 5),
        (r"\pi2", r"\pi", 3),
        (r"\mathbb{R}^n", r"\mathbb{R}", 10),
        (r"\log n/2", r"\log n", 6),
        (r"\frac\log pn", r"\frac\log pn", 12),
    ],
)
def test_an_argument_is_what_tex_takes_or_lost_braces_held(text: str, source: str, end: int) -> None:
    assert read_argument(text, 0, len(text)) == (source, end)


@pytest.mark.parametrize("text", ["", "+1", "{open", ", a"])
def test_there_may_be_none(text: str) -> None:
    assert read_argument(text, 0, len(text)) is None


def test_an_argument_ends_with_the_piece() -> None:
    assert read_argument("{a}", 0, 2) is None


def test_options_are_read_where_they_are() -> None:
    assert read_option("[3]{x}", 0, 6) == ("3", 3)
    assert read_option("{x}", 0, 3) == ("", 0)


def test_only_what_has_an_operator_gets_brackets() -> None:
    assert [in_brackets(shown) for shown in ("n", "1.5", "|Y|", "(a+b)", "√n")] == ["n", "1.5", "|Y|", "(a+b)", "√n"]
    assert [in_brackets(shown) for shown in ("n+1", "log n", "a/b")] == ["(n+1)", "(log n)", "(a/b)"]


def test_an_operator_keeps_its_distance_to_words_but_not_to_brackets() -> None:
    assert all(map(is_word_beside, ["n", "2", "\\", "{"]))
    assert not any(map(is_word_beside, ["(", "_", "^", ",", ""]))


def test_limits_and_arguments_of_maxima_are_two_words() -> None:
    assert (OPERATORS["argmax"], OPERATORS["limsup"], OPERATORS["bmod"]) == ("arg max", "lim sup", "mod")
    assert "div" not in OPERATORS
