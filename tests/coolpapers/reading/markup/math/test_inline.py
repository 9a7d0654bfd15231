"""Formulas as atoms inside a line."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.markdown import render_markdown
from tests.coolpapers.reading.markup.judge import Verdict


def visible(text: str, *, partial: bool = False) -> str:
    return Verdict(render_markdown(text, partial=partial)).visible.removeprefix("<p>").removesuffix("</p>\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**$x$**y", "<strong>⟦math⟧</strong>y"),
        ("a**$x$ b**", "a<strong>⟦math⟧ b</strong>"),
        ("a*$x$*b", "a<em>⟦math⟧</em>b"),
        ("a_$x$_b", "a_⟦math⟧_b"),
        ("_$x$_", "<em>⟦math⟧</em>"),
        ("a~~$x$~~b", "a<s>⟦math⟧</s>b"),
        ("a**\\(x\\)**b", "a<strong>⟦math⟧</strong>b"),
        ("a**$**b", "a**$**b"),
        ("*a $b* c$", "*a ⟦math⟧"),
    ],
)
def test_a_formula_counts_as_a_letter_beside_markers(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("采用**缓存（caching）**的", "采用<strong>缓存（caching）</strong>的"),
        ("很**快(fast)**了", "很<strong>快(fast)</strong>了"),
        ("**注意：**请", "<strong>注意：</strong>请"),
        ("的**“方法”**是", "的<strong>“方法”</strong>是"),
        ("a**(b)**c", "a**(b)**c"),
        ("a_b_c", "a_b_c"),
        ("中_文_字", "中_文_字"),
        ("（_文_）", "（<em>文</em>）"),
    ],
)
def test_emphasis_works_without_spaces_in_chinese_and_as_ever_in_latin_text(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_dollars_that_open_nothing_stay_together() -> None:
    assert visible("a $$$ b $ cd ef $$ gh $$$$") == "a $$$ b $ cd ef $$ gh $$$$"
    assert visible("[a $$$ b](http://c)") == '<a href="http://c" rel="nofollow noopener">a $$$ b</a>'


def test_no_formula_leaves_a_link_or_a_command_it_begins_in() -> None:
    assert visible("\\textbf{a $b} c$") == "<strong>a $b</strong> c$"
    assert visible("[a $x$](http://c) $y$").count("⟦math⟧") == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a \\(x", "a "),
        ("a $x", "a "),
        ("a $5 and", "a $5 and"),
        ("a \\", "a "),
        ("a \\begin{al", "a "),
        ("a `b $x$", "a <code>b $x$</code>"),
        ("a ``b` c", "a <code>b` c</code>"),
        ("a `b` $x", "a <code>b</code> "),
        ("a [b](http://c/$x$", "a [b"),
        ("a <http://c/$x$", "a "),
        ("a \\textbf{b $x$ c", "a <strong>b ⟦math⟧ c</strong>"),
    ],
)
def test_what_is_unfinished_in_a_partial_text_waits(text: str, shown: str) -> None:
    assert visible(text, partial=True).rstrip() == shown.rstrip()


def test_only_the_last_line_of_a_partial_text_can_be_unfinished() -> None:
    assert visible("a \\(x\n\nb", partial=True) == "a (x</p>\n<p>b"
    assert "<th>$a</th>" in visible("| $a | b |\n|---|---|\n| c |", partial=True)
