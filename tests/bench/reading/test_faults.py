from __future__ import annotations

import pytest

from bench.reading.faults import faults, lost_operators
from coolpapers.reading.markup.markdown import render_abstract, render_markdown

DISPLAY = r'<p>See <span class="math math-display notranslate" translate="no">\[{}\]</span> here</p>'


@pytest.mark.parametrize(
    ("html", "kinds"),
    [
        (r"<p>a \foo{b}</p>", {"raw_tex"}),
        (r"<p>a \[ b</p>", {"raw_tex"}),
        ("<p>a $$ b</p>", {"raw_dollars"}),
        ("<p>cheap $, dear $$$</p>", set()),
        (r"<p><code>\foo $$</code></p>", set()),
        (r"<p>in C:\Users\alpha, \\server\share and src\beta\main.py</p>", set()),
        (DISPLAY.format("ICML 2025"), {"word_display"}),
        (DISPLAY.format("x + y"), set()),
        (DISPLAY.format(r"\text{see}"), set()),
        (DISPLAY.format("we show that this is"), {"prose", "word_display"}),
    ],
)
def test_faults_are_found_by_kind(html: str, kinds: set[str]) -> None:
    assert faults(html).keys() == kinds


def test_what_we_render_is_without_them() -> None:
    assert faults(render_markdown(r"At \[ICML 2025\]: $$x$$ and \(y\), in C:\alpha, list\[int\].")) == {}


@pytest.mark.parametrize(
    ("source", "html", "lost"),
    [
        (r"O(n \log n)", "O(n n)", ["log"]),
        (r"\frac{1}{2} and \sqrt n", "12 and n", ["frac", "sqrt"]),
        (r"$\log x$ and \max", "⟦⟧ and max", []),
        (r"\\log is a line", "log", []),
        (r"$\frac{2{(1-x)$", "$frac{2(1-x)$", []),
    ],
)
def test_lost_operators_are_named(source: str, html: str, lost: list[str]) -> None:
    assert lost_operators(source, html) == lost
    assert lost_operators(source, render_abstract(source)) == []
