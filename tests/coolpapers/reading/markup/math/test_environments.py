"""Equation environments inside formulas."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.math.environments import mend_environments
from tests.coolpapers.reading.markup.mathjax import needs_mathjax, refusals

MENDED = [
    (r"{\begin{align*}a = 1 \\ b = 2\end{align*}}", r"{\begin{aligned}a = 1 \\ b = 2\end{aligned}}"),
    (r"\boxed{\begin{align*} a&=b\end{align*}}", r"\boxed{\begin{aligned} a&=b\end{aligned}}"),
    (r"f = \begin{gather} a \\ b \end{gather}", r"f = \begin{gathered} a \\ b \end{gathered}"),
    (r"x\begin{multline}a\\b\end{multline}", r"x\begin{gathered}a\\b\end{gathered}"),
    (r"x\begin{alignat}{2}a&=b\end{alignat}", r"x\begin{alignedat}{2}a&=b\end{alignedat}"),
    (r"x\begin{eqnarray}a&=&b\end{eqnarray}", r"x\begin{array}{rcl}a&=&b\end{array}"),
    (r"q=1\\ \begin{equation} x=y \end{equation}", r"q=1\\  x=y "),
    (
        r"\begin{equation}\begin{align}a\end{align}\end{equation}",
        r"\begin{equation}\begin{aligned}a\end{aligned}\end{equation}",
    ),
    (
        r"\begin{align}a\end{align} \begin{align}b\end{align}",
        r"\begin{align}a\end{align} \\\begin{aligned}b\end{aligned}",
    ),
    (r"\begin{subequations}\begin{align}a\end{align}\end{subequations}", r"\begin{align}a\end{align}"),
    (r"\color{red}\begin{align*}a&=1\end{align*}\tag{3}", r"\color{red}\begin{aligned}a&=1\end{aligned}\tag{3}"),
    (
        r"x\begin{align}a\tag{1}\\b\tag*{B}\end{align}",
        r"x\begin{aligned}a\qquad\text{(1)}\\b\qquad\text{B}\end{aligned}",
    ),
    (r"\begin{aligned}a\tag{1}\end{aligned}", r"\begin{aligned}a\qquad\text{(1)}\end{aligned}"),
]
UNCHANGED = [
    r"\begin{align}a&=b\tag{1}\end{align}",
    r" \label{x}\begin{equation}a\end{equation} c",
    r"\begin{gather}\begin{align}a\end{align}\\c\end{gather}",
    r"\begin{equation}\begin{split}a\\b\end{split}\tag{2}\end{equation}",
    r"\frac{\begin{align}a\end{align}}{b}",
    r"\left\{\begin{aligned}a\\b\end{aligned}\right.",
    r"x\begin{align}a\end{gather}",
]


@pytest.mark.parametrize(("tex", "mended"), MENDED)
def test_an_inner_environment_gets_its_inner_form(tex: str, mended: str) -> None:
    assert mend_environments(tex) == mended


@pytest.mark.parametrize("tex", UNCHANGED)
def test_one_that_stands_first_stays(tex: str) -> None:
    assert mend_environments(tex) == tex


@needs_mathjax
def test_mathjax_refuses_what_is_mended_and_takes_what_it_becomes() -> None:
    assert all(refusals([tex for tex, _ in MENDED]))
    assert refusals([mended for _, mended in MENDED]) == [None] * len(MENDED)
    assert refusals(UNCHANGED[:-1]) == [None] * (len(UNCHANGED) - 1)
