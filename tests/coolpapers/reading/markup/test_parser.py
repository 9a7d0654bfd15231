"""Rules in their places, and the tail of a text that is still being written."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.parser import markdown_html


def html(text: str, *, partial: bool = False) -> str:
    return markdown_html(text, partial=partial)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("`a $b` c$", "<code>a $b</code> c$"),
        ("$a `b$ c`", "$a <code>b$ c</code>"),
        ("<http://a/$b$>", '<a href="http://a/$b$">'),
        ("[a $b](http://c) d$", '<a href="http://c">a $b</a> d$'),
        ("$a <b>c$", "\\(a &lt;b&gt;c\\)"),
        ("$a\\\\\nb=c$", "\\(a\\\\\nb=c\\)"),
        ("$a &lt; b$", "\\(a &lt; b\\)"),
        ("~~~\n$$\n~~~", "<pre><code>$$\n</code></pre>"),
        ("    $$\n    a\n    $$", "<pre><code>$$\na\n$$"),
    ],
)
def test_code_and_autolinks_win_when_they_start_first_and_formulas_win_otherwise(text: str, first: str) -> None:
    assert first in html(text)


def test_footnotes_stay_in_place_with_their_label() -> None:
    shown = html("a[^n] b\n\n[^n]: c\n\n    d\n\ne [^missing]")
    assert "<p>a<sup>n</sup> b</p>" in shown
    assert '<div class="footnote"><sup>n</sup><p>c</p>\n<p>d</p>\n</div>' in shown
    assert shown.endswith("<p>e [^missing]</p>\n")


def test_a_footnote_label_is_escaped() -> None:
    assert "<b>" not in html("a[^<b>]\n\n[^<b>]: c")


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a $x", True),
        ("a $x\n", True),
        ("a $x\n\n", False),
        ("a $x\n\n---", False),
        ("a $x\n\n```\nb", False),
        ("- a\n- b $x", True),
        ("> b $x", True),
        ("# b $x", True),
        ("| a | b |\n|---|---|\n| c | $x", True),
        ("| a | b |\n|---|---|\n| $x", True),
        ("| a | b |\n|---|---|\n| $x | d |", False),
    ],
)
def test_only_what_more_text_can_reach_is_held_back(text: str, held: bool) -> None:
    assert ("$x" not in html(text, partial=True)) is held
    assert "$x" in html(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("```math\nx", False),
        ("```math\nx\n``", False),
        ("```math\nx\n```", True),
        ("> ```math\n> x\n> ```", True),
        ("- ```math\n  x\n  ```", True),
        ("````math\nx\n```", False),
        ("```math\nx\n```\n\ny", True),
        ("~~~math\nx\n~~~~", True),
    ],
)
def test_a_math_fence_waits_for_its_end(text: str, shown: bool) -> None:
    assert ("math-display" in html(text, partial=True)) is shown
    assert "math-display" in html(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[a](http://b/$x$", "[a"),
        ('[a](http://b "t $x$', "[a"),
        ("[a](<http://b/$x$", "[a"),
        ("[a](http://b/(c)$x$", "[a"),
        ("<https://b/$x$", ""),
        ("[a](b) c", '<a href="b">a</a> c'),
        ("a < b", "a &lt; b"),
        ("[a](b c", "[a](b c"),
        ('[a]: b "t $x$', ""),
        ("[a]: $x$ (t", ""),
        ("[a]: b c", "[a]: b c"),
    ],
)
def test_an_address_still_being_written_is_no_text(text: str, shown: str) -> None:
    assert html(text, partial=True) == f"<p>{shown}</p>\n"
