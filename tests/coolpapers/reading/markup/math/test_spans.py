"""From a text to its formulas."""

from __future__ import annotations

from coolpapers.reading.markup.math.mathjax_repairs import MAX_FORMULA_CHARACTERS
from coolpapers.reading.markup.math.spans import (
    MAX_BRACE_LEVELS,
    FormulaFinder,
    find_formulas,
    is_oversize,
    math_html,
    split_math,
)


def test_a_text_is_cut_into_text_and_formulas_with_their_offsets() -> None:
    text = r"From $5 to $x_1$, \(y\)."
    pieces = split_math(text)
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("text", "From $5 to "),
        ("math", "$x_1$"),
        ("text", ", "),
        ("math", r"\(y\)"),
        ("text", "."),
    ]
    assert [text[piece.start : piece.end] for piece in pieces] == [piece.text for piece in pieces]
    assert [piece.formula.tex for piece in pieces if piece.formula] == ["x_1", "y"]
    assert split_math("") == []


def test_code_spans_hide_formulas_in_markdown_only() -> None:
    assert [formula.tex for formula in find_formulas("`$a$` $b$")] == ["b"]
    assert [formula.tex for formula in find_formulas("`$a$` $b$", code_spans=False)] == ["a", "b"]
    assert [formula.tex for formula in find_formulas("stray ` $b$")] == ["b"]


def test_a_partial_text_waits_for_what_may_change() -> None:
    assert FormulaFinder("$5$").formula_at(0) is not None
    partial = FormulaFinder("$5$", partial=True)
    assert partial.formula_at(0) is None
    assert partial.holds(0)
    assert FormulaFinder(r"a \(x", partial=True).holds(2)
    assert not FormulaFinder("$5 a run", partial=True).holds(0)


def test_the_tex_reaches_the_element_unchanged_but_escaped() -> None:
    assert math_html("a<b & c'", display=False) == (
        '<span class="math math-inline notranslate" translate="no">\\(a&lt;b &amp; c\'\\)</span>'
    )
    assert math_html("x", display=True, tag="div").startswith('<div class="math math-display notranslate"')


def test_a_formula_too_long_or_too_deep_is_code() -> None:
    assert is_oversize("x" * (MAX_FORMULA_CHARACTERS + 1))
    assert not is_oversize("x" * MAX_FORMULA_CHARACTERS)
    deep = "{" * (MAX_BRACE_LEVELS + 1) + "}" * (MAX_BRACE_LEVELS + 1)
    assert is_oversize(deep)
    assert not is_oversize(deep[1:-1])
    assert not is_oversize("{}" * (MAX_BRACE_LEVELS + 1))
    assert not is_oversize(r"\{" * (MAX_BRACE_LEVELS + 1))
    assert math_html(deep, display=False) == f"<code>{deep}</code>"
    assert math_html(deep, display=True, tag="div") == f"<pre><code>{deep}</code></pre>"
