"""What a stretch of text looks like."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.math import wording


@pytest.mark.parametrize("content", [r"\alpha", r"a\,b", r"\{x\}", "x^2", "a_1", "<", " <= ", "≥", r"50\%"])
def test_tex_is_clear(content: str) -> None:
    assert wording.is_clear(content)


@pytest.mark.parametrize("content", ["x", "5", "a+b", "a=b", "HOME and ", r"\$5", r"\(x\)", r"a\\ b"])
def test_plain_text_is_not(content: str) -> None:
    assert not wording.is_clear(content)


@pytest.mark.parametrize(("content", "clear"), [(r"5\%-", False), (r"\pm", True), ("_2", True), (r"a\#", False)])
def test_beside_digits_an_escaped_sign_is_not_enough(content: str, clear: bool) -> None:
    assert wording.is_clear_beside_digits(content) is clear


@pytest.mark.parametrize(("content", "found"), [("S", True), (" O(n) ", True), ("f'(x, y)", True), ("ab", False)])
def test_a_letter_or_a_call(content: str, found: bool) -> None:
    assert wording.is_letter_or_call(content) is found


@pytest.mark.parametrize(
    ("content", "least", "found"),
    [
        ("1M total). We then define ", 2, True),
        ("5 and ", 2, True),
        ("3 million", 2, True),
        ("48 bits", 2, False),
        ("5 units", 1, True),
        ("5x + 2 = 17", 1, False),
        (r"10 \text{ per day and night}", 1, False),
        ("x and y and z", 1, False),
    ],
)
def test_an_amount_that_goes_on_in_words(content: str, least: int, found: bool) -> None:
    assert wording.is_amount_and_words(content, least=least) is found


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (" and ", True),
        ("see below", True),
        ("Smith et al., 2020", True),
        ("\n两个性质的融合：\n", True),
        ("x", False),
        (" a ", False),
        ("a b c", False),
        (r"\text{see below}", False),
        ("损失", False),
        ("sin x + cos y", False),
    ],
)
def test_only_words(content: str, found: bool) -> None:
    assert wording.is_words(content) is found


def test_a_dollar_in_braces_does_not_count() -> None:
    assert wording.has_dollar_outside_braces("a $b$ c")
    assert not wording.has_dollar_outside_braces(r"a \text{if $b$} \$ c")


def test_chinese_is_not_glued_but_latin_is() -> None:
    assert wording.is_glued("a")
    assert wording.is_glued("5")
    assert not wording.is_glued("是")
    assert not wording.is_glued(" ")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("is nondecreasing and convex in addition", True),
        (r"\{LLL, LLH, LHL, HLL\}", False),
        (r"\{cat, dog, bird, fish\}", False),
        (r"\text{for all of the sets}", False),
        (r"L_{total} = L_{rec} + L_{adv} + L_{reg}", False),
        ("if a then", False),
    ],
)
def test_four_words_in_a_row_are_running_text(content: str, found: bool) -> None:
    assert wording.is_running_text(content) is found


def test_a_relation_without_words() -> None:
    assert wording.is_wordless_relation(" s > 3")
    assert not wording.is_wordless_relation(" if s > 3")
    assert not wording.is_wordless_relation(" s")


@pytest.mark.parametrize(
    ("content", "is_display"),
    [
        ("a = b", True),
        ("a = b\n\n+ c", True),
        ("a\n\nb", False),
        ("softmax(x) = y\n\nmax x", True),
        ("a = b\n\nThen c", False),
        ("a = b\n\nit is so", False),
        ("a = b\n\n其中", False),
        ("a = b\n\n# c", False),
        ("a = b\n\n---\n\nc", False),
        ("\\begin{cases}\na\n\nb & otherwise\n\\end{cases}", True),
        ("\\begin{cases}\na\n\nthis goes on and on\n\\end{cases}", False),
    ],
)
def test_what_may_stand_between_the_marks_of_a_display_with_blank_lines(content: str, is_display: bool) -> None:
    assert wording.is_display_over_blank_lines(content) is is_display


def test_names_and_words_are_plain_text() -> None:
    assert all(map(wording.is_plain_text, ["CLS", "max_len", r"my\_key", "a + b", "3.2", "@smith"]))
    assert not any(map(wording.is_plain_text, ["x_1", "a = b", r"\alpha", "x^2", "a → b"]))


def test_a_short_formula_has_no_words_and_its_brackets_in_pairs() -> None:
    assert all(map(wording.is_short_formula, ["p ", " (n-2) ", " RCD(K,N)", " 3/2 ", " 5 ", r"E_2, ", " 4"]))
    assert not any(map(wording.is_short_formula, [" of ", "5 ", " (a", " a, ", " two words", "HOME "]))
