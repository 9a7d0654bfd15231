"""Pairs of marks, by brace group and paragraph."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.math.delimiters import Kind
from coolpapers.reading.markup.math.scan import DelimiterIndex


def pairs(text: str) -> list[tuple[Kind, str]]:
    index = DelimiterIndex(text)
    found = [index.pair_at(position) for position in range(len(text))]
    return [(pair.kind, text[pair.inner : pair.outer]) for pair in found if pair]


def test_each_mark_is_paired_with_the_next_of_its_kind() -> None:
    assert pairs(r"$a$ \(b\) \[c\]") == [(Kind.DOLLAR, "a"), (Kind.PAREN, "b"), (Kind.BRACKET, "c")]
    assert pairs("$$a$$") == [(Kind.DOUBLE_DOLLAR, "a"), (Kind.DOLLAR, "a")]


def test_half_of_a_double_run_may_close_and_the_other_half_open() -> None:
    index = DelimiterIndex("$a$$b$")
    first, second = index.pair_at(0), index.pair_at(3)
    assert first is not None
    assert second is not None
    assert (first.end, second.inner, second.outer) == (3, 4, 5)


@pytest.mark.parametrize(
    "text",
    [
        r"$\text{if $x$} = y$",
        r"$\{ \} \$ a$",
        r"$a_{\text{$b_{$c$}$}}$",
    ],
)
def test_braces_keep_inner_marks_apart(text: str) -> None:
    pair = DelimiterIndex(text).pair_at(0)
    assert pair is not None
    assert pair.end == len(text)


@pytest.mark.parametrize("text", ["$a}$", "$a{$", "$a\n\nb$", "$a $$$ b$", "\\(a", "\\(a\n \nb\\)"])
def test_no_pair_across_groups_paragraphs_or_long_runs(text: str) -> None:
    assert DelimiterIndex(text).pair_at(0) is None


@pytest.mark.parametrize(
    ("text", "escaped"), [(r"\$a$", True), (r"\\$a$", False), (r"\\\$a$", True), (r"\\(a\)", True)]
)
def test_backslashes_are_counted(text: str, escaped: bool) -> None:
    mark = text.index("$") if "$" in text else text.index("(") - 1
    assert (DelimiterIndex(text).pair_at(mark) is None) is escaped


def test_an_environment_pairs_by_name_and_its_content_includes_begin_and_end() -> None:
    text = r"\begin{align}\begin{split}a\end{split}\end{align}"
    index = DelimiterIndex(text)
    outer, inner = index.pair_at(0), index.pair_at(13)
    assert outer is not None
    assert inner is not None
    assert text[outer.inner : outer.outer] == text
    assert text[inner.inner : inner.outer] == r"\begin{split}a\end{split}"
    assert pairs(r"\begin{itemize}a\end{itemize} \begin{align}b\end{gather}") == []


def test_github_marks_need_as_many_backticks_on_both_sides() -> None:
    assert (Kind.BACKTICK, "a$b") in pairs("$`a$b`$")
    assert (Kind.BACKTICK, "a`b") in pairs("$``a`b``$")
    assert all(kind is not Kind.BACKTICK for kind, _ in pairs("$``a`$") + pairs("$`a\n\nb`$"))


@pytest.mark.parametrize(
    "text",
    [
        "$$\n\na\n$$",
        "$$\na\n\n$$",
        "\\[\n\na\n\n\\]",
        "\\begin{align}\n\na\n\n\\end{align}",
        "text $$\n\na\n\n$$",
        "- $$\n\n  a\n\n  $$",
    ],
)
def test_blank_lines_may_stand_at_the_edges_of_a_display(text: str) -> None:
    start = min(position for mark in ("$$", "\\[", "\\begin") if (position := text.find(mark)) >= 0)
    assert DelimiterIndex(text).pair_at(start) is not None


def test_marks_that_wait_for_more_text_are_told() -> None:
    index = DelimiterIndex("\\(a\n\n$x_{ \\[ \\begin{align} $$")
    waiting = set(index.open_marks().values())
    assert waiting == {Kind.DOLLAR, Kind.BRACKET, Kind.ENVIRONMENT, Kind.DOUBLE_DOLLAR}
