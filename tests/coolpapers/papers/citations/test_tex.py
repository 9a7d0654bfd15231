from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.citations import tex
from coolpapers.papers.citations.tex import escape_tex, plain_text
from coolpapers.papers.citations.tex_math import split_math


def braces_balance(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Cats & dogs: 100% of C# in foo_bar", r"Cats \& dogs: 100\% of C\# in foo\_bar"),
        (r"Already \& escaped \% here", r"Already \& escaped \% here"),
        (r"Bounds on $x_1 & y^2$ and \(a_b\)", r"Bounds on $x_1 \& y^2$ and \(a_b\)"),
        ("A price of $5 and $10", r"A price of \$5 and \$10"),
        (r"An \emph{open} problem", r"An \emph{open} problem"),
        ("Theorem~1 and ~ alone", r"Theorem~1 and \textasciitilde{} alone"),
        ("n>1 in R^3, L^{p+1} and a ^ b", r"n\textgreater{}1 in R$^3$, L$^{p+1}$ and a \textasciicircum{} b"),
        (r"in $ \R ^2 $ at $ 5 or $ 6", r"in $\mathbb{R} ^2$ at \$ 5 or \$ 6"),
        ("Schrödinger 方程", "Schrödinger 方程"),
        ("an open { brace", r"an open \textbraceleft{} brace"),
        (r"balanced {\} for BibTeX alone", r"balanced \textbraceleft{}\textbraceright{} for BibTeX alone"),
        (r"Break\\here", "Break here"),
        ("100$%$ sure", r"100$\%$ sure"),
    ],
)
def test_special_characters_are_escaped_and_formulas_kept(text: str, escaped: str) -> None:
    assert escape_tex(text) == escaped


def test_a_formula_that_bibtex_would_count_as_unbalanced_is_rewritten_to_the_same_formula() -> None:
    assert escape_tex(r"$\left\{ x \right.$") == r"$\left\lbrace  x \right.$"


@pytest.mark.parametrize(
    ("text", "protected"),
    [
        ("BERT: Pre-training of Deep Nets", "{BERT}: Pre-training of Deep Nets"),
        ("GPT-4 and LLaMA on ImageNet", "{GPT}-4 and {LLaMA} on {ImageNet}"),
        ("A Study of T5 and Vitamin D", "A Study of {T5} and Vitamin {D}"),
        ("Already {BERT} here, $L_2$ NORM", "Already {BERT} here, {$L_2$} {NORM}"),
        ("ATTENTION IS ALL YOU NEED", "ATTENTION IS ALL YOU NEED"),
        ("Few-Shot Learners", "Few-Shot Learners"),
        (r"\textsc{Big} \LaTeX words", r"\textsc{Big} {\LaTeX} words"),
    ],
)
def test_capitals_that_matter_get_braces(text: str, protected: str) -> None:
    assert escape_tex(text, protect=True) == protected


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"An \emph{open} problem: 100\% of~it", "An open problem: 100% of it"),
        (r"``Quoted'' and {BERT} with $\alpha_{1}$", r"“Quoted” and BERT with $\alpha_{1}$"),
        ("a } stray brace", "a } stray brace"),
    ],
)
def test_plain_text_resolves_text_mode_and_keeps_formulas(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@given(st.text(alphabet="ab{}$\\%&_~^<> \n1.BX("))
def test_the_value_never_ends_its_field(text: str) -> None:
    assert braces_balance(escape_tex(text))
    assert braces_balance(escape_tex(text, protect=True))


@given(st.text(alphabet="ab{}$\\()[] 1"))
def test_splitting_loses_nothing(text: str) -> None:
    assert "".join(piece for piece, _ in split_math(text)) == text


def test_dashes_of_tex_are_characters_in_plain_text_and_formulas_stay() -> None:
    assert plain_text("Fokker--Planck --- a view of $a--b$") == "Fokker–Planck — a view of $a--b$"


def test_an_environment_of_formulas_stays_whole() -> None:
    text = r"We set \begin{equation*} E(\varphi)=\sum_{y} |y|^{2} \end{equation*} and \emph{prove} it."
    assert plain_text(text) == r"We set \begin{equation*} E(\varphi)=\sum_{y} |y|^{2} \end{equation*} and prove it."


def test_spaces_of_tex_are_spaces_and_braces_around_formulas_go() -> None:
    assert plain_text(r"Call\,Recording:\ the Leray-{$\alpha$} model") == r"Call Recording: the Leray-$\alpha$ model"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"\sqrtT Regret of \proptoSVM", r"\sqrtT Regret of \proptoSVM"),
        (r"\LaTeX{} and \TeX, \LaTeXe", "LaTeX and TeX, LaTeX2e"),
        (r"\unknown{kept} \item one \begin{itemize} two", "kept one two"),
        (r"Schr\''dinger and 10\\ lines", "Schr”dinger and 10 lines"),
        (r"x]{y", "x]{y"),
    ],
)
def test_plain_text_loses_no_name_of_a_command(text: str, plain: str) -> None:
    assert plain_text(text) == plain


def test_a_script_joins_the_formula_behind_it() -> None:
    assert escape_tex(r"H^2$\times R$") == r"H$^2\times R$"


@pytest.mark.parametrize(
    "text",
    [
        r"A system \begin{equation*} \left\{\begin{array}{ll} u &= 0 \mbox{ in } \Omega \setminus \{0\} "
        r"\end{array}\right. \end{equation*} for $u$",
        r"\begin{align}\begin{cases} \mathcal{N}_s(u) &= 0, \\ u_t &= w \end{cases}\end{align}",
        # A formula that never ends is text: its symbols stay.
        r"\begin{cases} u = 0 in \partial \Omega \setminus \mathbb{R}^N, w > 0 in \Omega{0}, \nabla \mathbb{D}",
    ],
)
def test_plain_text_is_plain_already(text: str) -> None:
    """What an import reads of an export is exported alike: symbols do not wear out."""
    once = plain_text(text)
    assert plain_text(once) == once
    assert text.count(r"\Omega") == once.count(r"\Omega")


@given(st.text(alphabet="aB1 \n-'\"`~{}\\$%&#_^=.,:;()<>é\u00a0", max_size=30))
def test_plain_titles_need_no_reading(text: str) -> None:
    """The short way for titles without TeX gives what the long one gives."""
    short = plain_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tex, "_MAYBE_TEX", re.compile(""))
        assert plain_text(text) == short
