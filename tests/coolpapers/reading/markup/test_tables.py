"""Rows cut at their pipes, formulas whole."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.parser import markdown_html
from coolpapers.reading.markup.tables import split_row


@pytest.mark.parametrize(
    ("row", "columns", "cells"),
    [
        ("| a | b |", 2, ["a", "b"]),
        ("a | b", 2, ["a", "b"]),
        ("|a||", 2, ["a", ""]),
        ("| $|x|$ | b |", 2, ["$|x|$", "b"]),
        ("| \\(a|b\\) | $$c|d$$ |", 2, ["\\(a|b\\)", "$$c|d$$"]),
        ("| a ($) | b ($) |", 2, ["a ($)", "b ($)"]),
        ("| x | $|y|$ |", 3, ["x", "$|y|$"]),
        ("| x$|y | z$ |", 2, ["x$", "y", "z$"]),
        ("| a \\| b | `c \\| d` |", 2, ["a | b", "`c | d`"]),
        ("| $\\|x\\|$ | \\(\\|y\\|\\) \\| |", 2, ["$\\|x\\|$", "\\(\\|y\\|\\) |"]),
        ("| `$|$` | x |", 2, ["`$|$`", "x"]),
        ("| `a || b` | `x|y` |", 2, ["`a || b`", "`x|y`"]),
        ("| ``a ` | b`` | $x$ |", 2, ["``a ` | b``", "$x$"]),
        ("| `a | b` | c |", 3, ["`a", "b`", "c"]),
        ("| `a | b | c |", 2, ["`a", "b", "c"]),
        ("| $5 | $6 | $7 |", 2, ["$5", "$6", "$7"]),
    ],
)
def test_a_row_is_cut(row: str, columns: int, cells: list[str]) -> None:
    assert split_row(row, columns) == cells


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n| --- |\n| c |",
        "| a |\n- |\n",
        "a\n---|---",
        "| a |\n    |---|",
        "| a |\n|---|---|",
        "| a |\n||---|",
    ],
)
def test_what_is_no_table(text: str) -> None:
    assert "<table>" not in markdown_html(text, partial=False)


def test_columns_are_aligned_without_inline_style() -> None:
    html = markdown_html("| a | b | c | d |\n|:-|-:|:-:|-|\n| 1 | 2 | 3 | 4 |", partial=False)
    assert '<td align="left">1</td>\n<td align="right">2</td>\n<td align="center">3</td>\n<td>4</td>' in html
    assert "style" not in html


def test_cells_made_up_are_limited() -> None:
    html = markdown_html("|" + "a|" * 2_000 + "\n|" + "-|" * 2_000 + "\n" + "|b|\n" * 2_000, partial=False)
    assert html.count("<td>") < 70_000


def test_a_table_ends_where_another_block_begins() -> None:
    html = markdown_html("| a |\n|---|\n| $x$ |\n> quote\n\n| b |\n|---|\n| 1 |\n$$\ny\n$$", partial=False)
    assert html.count("<table>") == 2
    assert "<blockquote>" in html
    assert '<div class="math' in html


def test_a_heading_without_words_is_an_ordinary_cell() -> None:
    html = markdown_html("|  | BLEU |\n|---|---|\n| ours | 41 |", partial=False)
    assert html.count("<th>") == 1
    assert html.count("<td>") == 3
