from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.citations.tex_math import is_settable, split_math, standard_math


@pytest.mark.parametrize(
    "formula",
    [
        r"$x$",
        r"$O(n \log n)$",
        r"$\mathbb{R}^{d}$",
        r"$x_1^2$",
        r"$f''_1$",
        r"$\frac{a}{b} + \sqrt[3]{c}$",
        r"$\frac12$",
        r"$\left( \frac{a}{b} \middle| c \right]$",
        r"$\begin{pmatrix} a & b \\ c & d \end{pmatrix}$",
        r"$\begin{array}{lcr} a & b \end{array}$",
        r"$\text{if } x \not= y$",
        r"$\sum\limits_{i=1}^n a_i$",
        r"$a \over b$",
        r"$\{1, \dots, n\}$",
        r"$^2$",
        r"\(x\)",
        r"\[x\]",
        r"$$x$$",
    ],
)
def test_formulas_that_latex_sets(formula: str) -> None:
    assert is_settable(formula)


@pytest.mark.parametrize(
    "formula",
    [
        r"$x^2^3$",
        r"$x_$",
        r"$x^$",
        r"$\frac{a}$",
        r"$\mathbb$",
        r"$x & y$",
        r"$x \\ y$",
        r"$a#b$",
        r"$a%b$",
        r"${a$",
        r"$a}$",
        r"$\left( a$",
        r"$a \right)$",
        r"$\begin{matrix} a \end{pmatrix}$",
        r"$\begin{verbatim} a \end{verbatim}$",
        r"$\unknown$",
        r"$\text{a_b}$",
        r"$\text{\(a\)}$",
        r"$a \over b \over c$",
        r"$\'e$",
        r"$für$",
        r"$ $",
        r"x",
        "$" + "{" * 200 + "}" * 200 + "$",
    ],
)
def test_formulas_with_which_latex_stops(formula: str) -> None:
    assert not is_settable(formula)


@given(st.text(alphabet="ab^_{}&#%'\\()[]$ ", max_size=30))
def test_any_text_is_answered(inner: str) -> None:
    assert is_settable(f"${inner}$") in (True, False)


@pytest.mark.parametrize(
    ("text", "standard"),
    [
        (r"\alpha-stable in $\R^n$", r"$\alpha$-stable in $\mathbb{R}^n$"),
        (r"the \bar\partial_b equation", r"the $\bar\partial_b$ equation"),
        (r"\Delta_{\lambda}-Laplace", r"$\Delta_{\lambda}$-Laplace"),
        (r"on $\mathbb{R}^n", r"on $\mathbb{R}^n$"),
        (r"${\cal C}^{1, \gamma} $ regularity", r"${\mathcal{C}}^{1, \gamma}$ regularity"),
        (r"\ensuremath{\beta_1} and \ensuremathα", r"$\beta_1$ and α"),
        (r"a $δ$-net", r"a $\delta$-net"),
        (r"$\ourname_i$", r"$\mathrm{ourname}_i$"),
        ("a price of $5 and $10", "a price of $5 and $10"),
        (r"\emph{E. coli} \& co", r"\emph{E. coli} \& co"),
    ],
)
def test_formulas_become_those_of_standard_latex(text: str, standard: str) -> None:
    assert standard_math(text) == standard
    assert standard_math(standard) == standard


@pytest.mark.parametrize(
    "text", ["\\(" * 30_000, "\\[" * 30_000, "$" * 90_000, "\\begin{equation}" * 6_000, "$\\" * 30_000]
)
def test_signs_that_nothing_closes_take_linear_time(text: str) -> None:
    start = time.perf_counter()
    list(split_math(text))
    assert time.perf_counter() - start < 2


def test_comments_of_tex_and_styles_around_formulas_are_resolved() -> None:
    assert standard_math(r"Weighted $% p(\cdot )$ and $50% x^2$") == r"Weighted $p(\cdot )$ and $50% x^2$"
    assert standard_math(r"$\textbf{AGT$^{AO}$}$: Robust") == r"\textbf{AGT$^{AO}$}: Robust"
    assert standard_math("with $ L^1 $ Data") == "with $L^1$ Data"
