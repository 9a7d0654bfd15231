"""Display blocks and the paragraphs that formulas hold together."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.markdown import render_markdown, rendered_formulas


def tex(text: str, *, partial: bool = False) -> list[str]:
    return [formula.tex for formula in rendered_formulas(render_markdown(text, partial=partial))]


@pytest.mark.parametrize(
    "text",
    [
        "$$\nx\n$$",
        "  $$\n  x\n  $$",
        "a\n$$\nx\n$$\nb",
        "> $$\n> x\n> $$",
        "- $$\n  x\n  $$",
        "1. a\n   $$\n   x\n   $$",
    ],
)
def test_a_block_on_its_own_lines_is_a_block(text: str) -> None:
    html = render_markdown(text)
    assert '<div class="math math-display' in html
    assert [formula.strip() for formula in tex(text)] == ["x"]


def test_container_prefixes_are_no_tex() -> None:
    assert tex("> 1. $$\n>    a\n>    - b\n>    $$") == ["\na\n- b\n"]
    assert tex("- \\begin{align}\n  a\n  \\end{align}") == ["\\begin{align}\na\n\\end{align}"]
    assert tex("> $$\na\n> $$") == ["\na\n"]


@pytest.mark.parametrize("line", ["- y", "+ y", "1. y", "# y", "> y", "---", "===", "***", "| y |", "[^1]: y"])
def test_a_formula_in_a_sentence_holds_its_lines_together(line: str) -> None:
    assert tex(f"We have $$x_1\n{line}\nz$$ here.") == [f"x_1\n{line}\nz"]
    assert tex(f"We have \\(x_1\n{line}\nz\\) here.") == [f"x_1\n{line}\nz"]


def test_words_over_two_lines_do_not_swallow_a_list() -> None:
    html = render_markdown("either $some\n- item words$ or")
    assert "<li>" in html


@pytest.mark.parametrize(
    "text",
    [
        "- $$\n- $$",
        "- a $$\n- b $$",
        "> $$\n\n$$",
        "- $$\n\n$$",
        "- \\[\n  a\n- \\]",
        "$$\na\n\nb\n$$",
        "> $$\n> a\n>\n> b\n> $$",
    ],
)
def test_no_formula_reaches_out_of_its_container_or_over_a_blank_line(text: str) -> None:
    assert tex(text) == []


@pytest.mark.parametrize("between", ["*c*", "# 2", "Then **c**, and", "> 3", "| c |\n|---|"])
def test_the_end_of_a_broken_block_does_not_begin_another(between: str) -> None:
    """A blank line breaks the first block; what stands between it and the next formula stays text."""
    assert tex(f"$$\na\n\nb\n$$\n\n{between}\n\n$$\nx = 1\n$$") == ["\nx = 1\n"]


@pytest.mark.parametrize("start", ["- $$", "> $$", "text\n\n$$", "# Title\n\n$$"])
def test_a_letter_between_blank_lines_is_a_formula_where_a_paragraph_begins(start: str) -> None:
    rest = {"-": "  ", ">": "> "}.get(start[0], "")
    assert tex(f"{start}\n{rest}\n{rest}a\n{rest}\n{rest}$$") == ["\n\na\n\n"]


def test_a_line_that_lost_its_indentation_is_kept() -> None:
    assert tex("1. a\n   $$\nb\n   $$\n2. c") == ["\nb\n"]
    assert tex("- a\n$$\nb\n$$\n- c") == ["\nb\n"]


def test_an_open_block_of_a_partial_text_is_held_back() -> None:
    assert render_markdown("a\n\n$$\nx\n- y", partial=True) == "<p>a</p>\n"
    assert "x" in render_markdown("a\n\n$$\nx\n- y")
    assert tex("$$\nx\n$$\n\n$$\ny", partial=True) == ["\nx\n"]


def test_underlines_make_headings_but_not_inside_formulas() -> None:
    assert render_markdown("a $x$\n===").startswith("<h1>")
    assert render_markdown("a\nb\n---").startswith("<h2>")
    assert "<h" not in render_markdown("$$a\n===\nb$$ c")
    assert render_markdown("> a\n---") == "<blockquote>\n<p>a</p>\n</blockquote>\n<hr>\n"
