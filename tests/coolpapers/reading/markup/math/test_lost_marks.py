"""Formulas without marks."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.markdown import render_markdown, rendered_formulas

COPIED = "The rule:\n[\n\\frac{a}{b} = c\n]\nends \\boxed{4} here."


def formulas(text: str, *, partial: bool = False) -> list[tuple[str, bool]]:
    return [
        (formula.tex.strip(), formula.display) for formula in rendered_formulas(render_markdown(text, partial=partial))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[\n\\alpha + 1\n]",
        "[ \\alpha + 1 ]",
        "> [\n> \\alpha + 1\n> ]",
        "- a\n  [\n  \\alpha + 1\n  ]\n- b",
        "a\n[\n\\alpha + 1\n]\nb",
    ],
)
def test_brackets_alone_on_their_lines_are_a_display(text: str) -> None:
    assert formulas(text) == [("\\alpha + 1", True)]


@pytest.mark.parametrize(
    "text",
    [
        "[\nsome words \\alpha\n]",
        "[ \\alpha ](http://a.b)",
        "[\n1 + 1\n]",
        "[ \\ours ]",
        "[\n\\alpha\n\n]",
        "a [\n\\alpha\n]",
        "[x]",
    ],
)
def test_what_is_not_certain_stays_text(text: str) -> None:
    assert formulas(text) == []


def test_a_box_is_a_formula_and_a_display_by_itself() -> None:
    assert formulas(r"so \boxed{42}.") == [(r"\boxed{42}", False)]
    assert formulas(r"\boxed{x = 2}") == [(r"\boxed{x = 2}", True)]
    assert formulas(r"is \boxed{Yes}") == [(r"\boxed{\text{Yes}}", False)]
    assert formulas(r"is \boxed{$y_1$}") == [(r"\boxed{y_1}", False)]
    assert formulas(r"is \boxed{open") == []


def test_while_the_text_is_written_they_wait_for_their_end() -> None:
    finished = formulas(COPIED)
    assert finished == [("\\frac{a}{b} = c", True), (r"\boxed{4}", False)]
    for end in range(len(COPIED) + 1):
        shown = formulas(COPIED[:end], partial=True)
        assert shown == finished[: len(shown)]
