"""Which pairs are formulas."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.math.acceptance import (
    MAX_UNFINISHED_CHARACTERS,
    is_formula,
    is_settled,
    may_become_formula,
)
from coolpapers.reading.markup.math.delimiters import Kind
from coolpapers.reading.markup.math.scan import DelimiterIndex


def accepted(text: str, *, markdown: bool = True) -> bool:
    """Whether the first mark of the text opens a formula."""
    index = DelimiterIndex(text)
    start = min(position for mark in "$\\" if (position := text.find(mark)) >= 0)
    pair = index.pair_at(start)
    return pair is not None and is_formula(text, pair, markdown=markdown)


@pytest.mark.parametrize(
    "text",
    [
        "$x$", "$5$", "$5x + 2 = 17$", "$48$ bits", "$1,000$", r"$50\%$", "$-1 < +1$", "$a\nb$", "$k-$means", r"H$_2$O",
        r"512$\times$512", "$<$5", "$ x = 1 $", "$ S $", "$ O(n) $", r"$\theta $ is", r"$ \lambda$", "$ x^2$", "$x，y$",
        "$准确率=90$", r"$\text{损失}$", r"$\text{a `b' c}$", r"\(f(x)\)", r"\[x = y\](1)", r"\[\alpha\](a)", "$$x$$",
        "$ s > 3$", "$r > 2 $ is", "$+$9.04", "$-$1", "$$ a $$", "$$准确率$$", r"\begin{align}a\end{align}",
        "$`5 and`$",
    ],
)  # fmt: skip
def test_formulas(text: str) -> None:
    assert accepted(text)


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10", "$5-$10", "$20,000 and $30,000", "$HOME and $PATH", "$/hr and $/GB",
        "$/GB; Ke$ha", "$HOME/$USER", "$) and ($", "$，x$", "$5](http://a.b) c$",
        "$降到$3", "$降到$。", "$10，$x", "$1M total). We define-$r", "$3 million$",
        "$ 5 and $ 10", "$ a b $", "$x $ y", r"$\theta $x", "$ x$", "$n$2", "$5\\%-$10\\%", "$a `b` c$", "$100 (≈$x",
        "$ if s > 3$ a", r"$ (so), then we obtain a bound \alpha $", r"$\(x\) and \(y\)$", "$ $",
        "$$ and $$", "$$5 and $$10", "$$a $b$ c$$", "$$\n```\n$$\n```", "$$ `a` $$", r"\[1\]",
        r"\[2, 3\]", r"\[a\](b)", r"\[see below\]", r"\(see below\)", r"\(\)", r"\[ \]",
    ],
)  # fmt: skip
def test_money_prose_citations_and_links(text: str) -> None:
    assert not accepted(text)


@pytest.mark.parametrize(
    ("text", "accepts"),
    [("5$-10$", False), ("a$-10$", True), ("5$-$10", False), ("a$-$10", True), ("Ke$ha and A$AP", False)],
)
def test_what_stands_before_the_mark_matters(text: str, accepts: bool) -> None:
    assert accepted(text) is accepts


@pytest.mark.parametrize(
    ("text", "accepts"),
    [
        (r"\[CLS\] is", False),
        (r"is \[CLS\]", False),
        (r"\[CLS\]", False),
        (r"a\[i\]", False),
        (r"\[x\] done", False),
        (r"\[my\_key\] is", False),
        (r"\[x\]", True),
        (r"we have \[ z \] and", True),
        (r"so \[a = b\] holds", True),
        (r"so \[\nabla f\] holds", True),
        ("\\[\nsoftmax\n\\]", True),
    ],
)
def test_escaped_brackets_hold_words(text: str, accepts: bool) -> None:
    assert accepted(text) is accepts


@pytest.mark.parametrize(
    "text", ["$p $ for", "$ (n-2) $-set", "$ S$ in", "$17 + 2 $ is", r"$\psi $do", "a$/$b", "$ 4$."]
)
def test_a_padded_formula_of_an_abstract(text: str) -> None:
    assert accepted(text, markdown=False)
    assert not accepted(text) or text.startswith("$17")


@pytest.mark.parametrize(
    "text", ["$5 $ is", "$ 5, $ 6", "$x $y", "5 $ of $", "$ and so $ a", "$HOME (or $PATH)", "$5k $ a"]
)
def test_money_of_an_abstract(text: str) -> None:
    assert not accepted(text, markdown=False)


def test_a_bracketed_letter_of_an_abstract_is_a_formula() -> None:
    assert accepted(r"\[y\] and", markdown=False)
    assert not accepted(r"\[CLS\] and", markdown=False)


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("$x^2$", True),
        ("$x$", True),
        ("$O(n)$", True),
        ("$5$", False),
        ("$5-$", False),
        (r"$\theta $", False),
        (r"\[a\]", False),
        (r"\[a = b\]", True),
        (r"\(a\)", True),
        ("$$a$$", True),
        ("$5$ ", True),
    ],
)
def test_what_a_next_character_could_undo_is_not_settled(text: str, settled: bool) -> None:
    pair = DelimiterIndex(text).pair_at(0)
    assert pair is not None
    assert is_settled(text, pair) is settled


@pytest.mark.parametrize(
    ("text", "kind", "waits"),
    [
        ("$x", Kind.DOLLAR, True),
        ("$", Kind.DOLLAR, True),
        (r"$L = \sum", Kind.DOLLAR, True),
        ("$5 per run", Kind.DOLLAR, False),
        ("$HOME and more", Kind.DOLLAR, False),
        ("$$", Kind.DOUBLE_DOLLAR, True),
        ("$$\nsome words here", Kind.DOUBLE_DOLLAR, True),
        ("$$ and $$$ are", Kind.DOUBLE_DOLLAR, False),
        (r"\(see", Kind.PAREN, True),
        (r"\[" + "a" * MAX_UNFINISHED_CHARACTERS, Kind.BRACKET, True),
        (r"\[" + "a" * (MAX_UNFINISHED_CHARACTERS + 1), Kind.BRACKET, False),
    ],
)
def test_an_open_mark_is_worth_waiting_for_or_not(text: str, kind: Kind, waits: bool) -> None:
    assert may_become_formula(text, 0, kind) is waits


def test_a_dollar_behind_an_amount_opens_nothing() -> None:
    assert not may_become_formula("costs 5$", 7, Kind.DOLLAR)
