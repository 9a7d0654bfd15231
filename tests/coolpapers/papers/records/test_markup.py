from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.records.markup import has_markup, read_markup


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("<i>E. coli</i> and <EM>Drosophila</EM>", r"\emph{E. coli} and \emph{Drosophila}"),
        ("<b>Bold</b>, <strong> strong </strong>", r"\textbf{Bold},  \textbf{strong} "),
        ("CO<sub>2</sub> at 10<sup>-3</sup>", "CO$_2$ at 10$^{-3}$"),
        ("the 4<sup>th</sup> of <jats:sc>May</jats:sc>", r"the 4\textsuperscript{th} of \textsc{May}"),
        ("<i>H<sub>2</sub>O</i>", r"\emph{H$_2$O}"),
        ('<span class="nocase">ImageNet</span>', "ImageNet"),
        ('<jats:italic xmlns:jats="x">In vivo</jats:italic>', r"\emph{In vivo}"),
        ("one<br/>two", "one two"),
        ("a<!-- hidden -->b <![CDATA[c]]>", "ab c"),
        (
            "if a <b and c> d, List<String>, <unknown>x</unknown>",
            "if a <b and c> d, List<String>, <unknown>x</unknown>",
        ),
        ("<b>never closed, </i> closed", "<b>never closed, </i> closed"),
        ("<i>outer <b>inner</i> rest", r"\emph{outer <b>inner} rest"),
        ("<i></i>empty", "empty"),
        (
            "<inline-formula><alternatives><tex-math>$$x^2$$</tex-math></alternatives></inline-formula>",
            "$x^2$",
        ),
        ("<math><mi>x</mi></math> and <mml:math><mml:mi>y</mml:mi></mml:math>", "$x$ and $y$"),
    ],
)
def test_tags_become_tex(found: str, wanted: str) -> None:
    assert has_markup(found) or found == wanted
    assert read_markup(found) == wanted


def test_paragraphs_are_parted_and_the_abstract_s_own_heading_goes() -> None:
    found = (
        "<jats:title>Abstract</jats:title><jats:p>One.</jats:p><jats:sec><jats:title>Aim</jats:title>Two.</jats:sec>"
    )
    assert read_markup(found).split("\n\n") == ["", "One.", "", "", "Aim", "Two.", ""]


@given(st.text(alphabet="<>/ibsup=! ", max_size=60))
def test_any_text_is_read(text: str) -> None:
    read_markup(text)
    if "<" not in text:
        assert read_markup(text) == text
