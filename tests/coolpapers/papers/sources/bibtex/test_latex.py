from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.sources.bibtex.latex import plain_name, plain_text


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (
            r"{The Large $N$ limit of superconformal field theories}",
            "The Large $N$ limit of superconformal field theories",
        ),
        (r"{{Deep $k$-NN for $\ell_2$ regression}}", r"Deep $k$-NN for $\ell_2$ regression"),
        (r"{CO$_2$} capture by {TiO$_2$}", "CO$_2$ capture by TiO$_2$"),
        (
            r"{\em Drosophila} and \emph{E. coli} in {\bf bold}",
            r"\emph{Drosophila} and \emph{E. coli} in \textbf{bold}",
        ),
        (r"a~b \& c\_d 10\,000 ``quoted'' 1--2---3", "a b & c_d 10 000 “quoted” 1–2—3"),
        (r"\enquote{Foo} \textrm{bar} \mbox{LHCb} {\rm d}", "“Foo” bar LHCb d"),
        (r"\ensuremath{\alpha}-{Decay} at \$5", r"α-Decay at \$5"),
        (r"\ensuremath{\alpha_1}-{Decay}", r"$\alpha_1$-Decay"),
        (r"{\noopsort{a}}Title \relax with\-out", "Title without"),
        (r"{\textquotedblleft}x{\textquotedblright} x\^{}2", "“x” x^2"),
        (r"\LaTeX{} and \TeX", r"\LaTeX{} and \TeX"),
        (r"unbalanced } {brace", "unbalanced brace"),
        (r"\textsc{{F}oo} {{{deep}}} {\"U}ber", r"\textsc{Foo} deep Über"),
        ("two\n\n lines", "two lines"),
        (r"{\boldmath $L^p$} and {\small x}", "$L^p$ and x"),
        (r"A\thanks{Funded by {X}} title\footnote{See $y$}", "A title"),
        (r"\href{https://a.org}{Here} in \textcolor{red}{red} \foreignlanguage{german}{Wort}", "Here in red Wort"),
        (r"\bibinfo{title}{Fine} \raisebox{1ex}{up}", "Fine up"),
        (r"\texorpdfstring{$\alpha$}{alpha} decay", r"$\alpha$ decay"),
        (r"\mkbibemph{Foo} and \mkbibbold{bar}", r"\emph{Foo} and \textbf{bar}"),
        (r"A \includegraphics[width=1em]{a.png}map", "A map"),
        (r"\href{only} one", "one"),
        (r"\textbackslash{}{sqrtT} and \textbackslash{}c", r"\sqrtT and ∖c"),
        (r"x]\textbraceleft{}y \textbraceright z", "x]{y }z"),
    ],
)
def test_tex_becomes_text(tex: str, text: str) -> None:
    assert plain_text(tex) == text


def test_a_name_holds_no_braces() -> None:
    assert plain_name("{The {T}est Collaboration}") == "The Test Collaboration"
    assert plain_name(r"Erd{\H o}s") == "Erdős"


@pytest.mark.parametrize(
    "tex",
    [
        r"Jane Doe$^{1,2}$", r"Jane Doe\textsuperscript{a,*}", r"Jane\thanks{Supported by X} Doe", r"Jane Doe\inst{3}",
        r"\textbf{Jane} \textsc{Doe}", r"\href{https://a.org}{Jane Doe}", r"Jane Doe\orcidlink{0000-0001}",
        r"{\normalfont Jane} Doe$^\dagger$", r"Jane Doe\IEEEmembership{Member,~IEEE}", r"Jane Doe$^{\ast}$$^{,}$",
    ],
)  # fmt: skip
def test_marks_and_styles_are_no_part_of_a_name(tex: str) -> None:
    assert plain_name(tex) == "Jane Doe"


def test_letters_above_the_line_stay_in_a_name() -> None:
    assert plain_name(r"R. M\textsuperscript{c}Donald") == "R. McDonald"
    assert plain_name(r"M\textsuperscript{a} José Pérez") == "Ma José Pérez"


def test_no_break_is_allowed_before_the_and_of_one_name() -> None:
    assert plain_name("{Barnes and Noble}") == "Barnes\xa0and Noble"


@pytest.mark.parametrize("mark", ["{", "}", "{a}", r"\emph{", r"\a ", "~", "$", "{\\em "])
def test_long_and_unbalanced_text_takes_linear_time(mark: str) -> None:
    began = time.process_time()
    plain_text(mark * (200_000 // len(mark)))
    assert time.process_time() - began < 2


@given(st.text(alphabet=r"\{}$~`'-emx ", max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert plain_text(text) == plain_text(text).strip()


def test_a_tilde_that_is_written_as_a_mark_is_no_space() -> None:
    assert plain_text(r"a\textasciitilde{}b, \~{}c and d~e") == "a~b, ~c and d e"
