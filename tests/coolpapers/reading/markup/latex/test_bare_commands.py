"""Mathematics outside formulas in Markdown."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.markdown import render_markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"V(|\nabla u|), the \alpha-divergence and \ldots", "V(|∇ u|), the α-divergence and …"),
        (r"O(n \log n), n\log n and 2\times3", "O(n log n), n log n and 2×3"),
        (r"p ≥ \frac{N+2}{N-2}", "p ≥ (N+2)/(N-2)"),
        (r"C(\overline{\mathcal{O}}) and \mathbb{R}^n", "C(Ō) and R^n"),
        (r"\SI{40}{\milli\second} at \SI{5}{\percent}", "40 millisecond at 5%"),
        (r"**\beta** and \pi{}x", "<strong>β</strong> and πx"),
    ],
)
def test_it_is_shown_as_in_an_abstract(text: str, shown: str) -> None:
    assert render_markdown(text) == f"<p>{shown}</p>\n"


@pytest.mark.parametrize(
    "text",
    [r"C:\alpha\beta", r"D:\to\x", r"\Users\name", r"\d+\w", r"\item a", r"$\theta $x", r"\frac{a}", r"`\alpha`"],
)
def test_paths_other_names_and_code_stay(text: str) -> None:
    assert text.strip("`").split("\\")[-1][:4] in render_markdown(text)
    assert "\\" in render_markdown(text)
