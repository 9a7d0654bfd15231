"""What MathJax would refuse is mended, and nothing else: MathJax itself is asked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coolpapers.reading.markup.math.mathjax_repairs import MAX_FORMULA_CHARACTERS, mend_for_mathjax
from coolpapers.reading.markup.math.tex_repairs import mend_tex
from tests.coolpapers.reading.markup.mathjax import needs_mathjax, refusals

MENDED = [
    (r"x_{\text{max_len}}", r"x_{\text{max\_len}}"),
    (r"\texttt{a_b^c & 5% #1}", r"\texttt{a\_b\^{}c \& 5\% \#1}"),
    (r"\text{if $a_b$ or c_d}", r"\text{if $a_b$ or c\_d}"),
    (r"\mbox{a\_b}", r"\mbox{a\_b}"),
    (r"a = 1 \tag{eq_1}", r"a = 1 \tag{eq\_1}"),
    (r"x^2^3 + y_1_2 + f^{(n)}'", r"x^2{}^3 + y_1{}_2 + f^{(n)}{}'"),
    (r"x_1^2 + x^{2}_1 + f'_1 + f''", r"x_1^2 + x^{2}_1 + f'_1 + f''"),
    (r"\begin{array}[c]{l}% a\\ b % c \end{array}", r"\begin{array}[c]{l}a\\ b c \end{array}"),
    (r"\left\{ {cases} a & b \\ c & d {cases}", r"\left\{ \begin{cases} a & b \\ c & d \end{cases}"),
    (r"a \hfill b", r"a \quad b"),
    (r"\sqrtT + \mathbbR^n + \logN", r"\sqrt T + \mathbb R^n + \log N"),
    (r"\Hull(x)^\Leb", r"{\mathrm{Hull}}(x)^{\mathrm{Leb}}"),
    (r"\e \to \la", r"{\mathtt{\backslash e}} \to {\mathtt{\backslash la}}"),
    (r"\text{if \ours{} holds}", r"\text{if ours{} holds}"),
    (r"\sqrt", r"\sqrt{}"),
    ("% L^{p}", "L^{p}"),
    ("%", r"\%"),
    (r"1-1/e \approx 63%", r"1-1/e \approx 63\%"),
    (r"\textbf{19.72%}", r"\textbf{19.72\%}"),
    (r"\left\{\begin{align}a&=1\\b&=2\end{align}\right.", r"\left\{\begin{aligned}a&=1\\b&=2\end{aligned}\right."),
    (r"\SI{5}{\metre\per\second}", r"5\,\mathrm{m/s}"),
]
UNCHANGED = [
    r"a+%" + "\nb",
    r"a % b",
    r"\newcommand{\x}{a_b}\x",
    r"\require{html}\style{color:red}{x}",
    r"\ce{SO4^2-} + \pu{123 J}",
    r"A & B",
    r"\label{a_b_c} x_1",
    r"\verb|a_b_c|",
    r"\url{a_b_c}",
    r"a\\b",
]


@pytest.mark.parametrize(("tex", "mended"), MENDED)
def test_what_is_meant_is_written_as_mathjax_wants_it(tex: str, mended: str) -> None:
    assert mend_for_mathjax(tex) == mended


@needs_mathjax
def test_mathjax_takes_what_was_mended() -> None:
    formulas = [mended for _, mended in MENDED if "cases" not in mended]  # its brace is never closed
    assert [(tex, message) for tex, message in zip(formulas, refusals(formulas), strict=True) if message] == []


@pytest.mark.parametrize("tex", UNCHANGED)
def test_comments_definitions_and_raw_arguments_stay(tex: str) -> None:
    assert mend_for_mathjax(tex) == tex


def test_a_formula_that_is_shown_as_code_stays() -> None:
    tex = r"\text{a_b}" + "x" * MAX_FORMULA_CHARACTERS
    assert mend_for_mathjax(tex) == tex


TOKENS = [
    "a", "x", "1", " ", "+", "=", "'", "^", "_", "^", "_", "{", "}", "(", ")", "[", "]", "\\alpha", "\\in", "\\sum",
    "\\frac", "\\sqrt", "\\left(", "\\right)", "\\text{", "\\text{a b}", "\\mbox{", "\\substack{", "\\\\", "\\\\", "&",
    "%\n", "\n", "#", "\\_", "\\^", "\\%", "\\{", "\\}", "\\,", "\\tag{1}", "\\label{a_b_c}", "\\notag",
    "\\color{red}", "\\operatorname{", "\\mathrm{", "\\foo", "\\e", "\\hfill", "\\ref{a_b}", "\\verb|a_b_c|",
    "\\ce{H2O}", "\\displaystyle", "\\prime", "\\rm ", "\\boxed{", "\\dv{f}", "\\qty", "~", "{array}",
]  # fmt: skip
ENVIRONMENTS = ["align", "align*", "aligned", "gather", "equation", "cases", "split", "multline", "gathered", "matrix"]


def _groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    content = st.lists(inner, max_size=4).map("".join)
    return st.one_of(
        content.map("{{{}}}".format),
        content.map("\\text{{{}}}".format),
        content.map("x^{{{}}}".format),
        content.map("\\left\\{{{}\\right.".format),
        st.tuples(content, content).map(lambda pair: f"\\frac{{{pair[0]}}}{{{pair[1]}}}"),
        st.tuples(st.sampled_from(ENVIRONMENTS), content).map(
            lambda pair: f"\\begin{{{pair[0]}}}{pair[1]}\\end{{{pair[0]}}}"
        ),
        content,
    )


FORMULAS = st.lists(st.recursive(st.sampled_from(TOKENS), _groups, max_leaves=12), min_size=1, max_size=4).map("".join)


@needs_mathjax
class TestAFormulaThatMathJaxAccepts:
    """It is never changed, but for ``95%`` and backslashes that were doubled before the name of a command."""

    @settings(max_examples=400, deadline=None)
    @given(FORMULAS)
    def test_comes_out_as_it_went_in(self, tex: str) -> None:
        if not tex.lstrip().startswith("%") and refusals([tex]) == [None]:
            assert mend_tex(tex) == tex

    def test_so_do_the_commands_it_knows(self) -> None:
        commands = [rf"\{name}{{a}}{{b}}" for name in ("frac", "binom", "overset", "textcolor", "genfrac")]
        for tex in [*commands, r"\substack{a\\b}", r"x\,\mathrm{d}x", r"\operatorname*{arg\,max}_x"]:
            assert mend_tex(tex) == tex
