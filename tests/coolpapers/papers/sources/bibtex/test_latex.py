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
    ],
)
def test_tex_becomes_text(tex: str, text: str) -> None:
    assert plain_text(tex) == text


def test_a_name_holds_no_braces() -> None:
    assert plain_name("{The {T}est Collaboration}") == "The Test Collaboration"
    assert plain_name(r"Erd{\H o}s") == "Erdős"


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
