from __future__ import annotations

import pytest

from coolpapers.papers.records.mathml import MAX_LENGTH, plain_tex, tex_of_mathml


@pytest.mark.parametrize(
    ("inner", "tex"),
    [
        ("<mi>x</mi><mo>=</mo><mn>2</mn>", "x = 2"),
        ("<msub><mi>m</mi><mi>eff</mi></msub>", r"m_{\mathrm{eff}}"),
        ("<msup><mrow><mi>a</mi><mi>b</mi></mrow><mn>2</mn></msup>", "{a b}^{2}"),
        ("<msubsup><mi>B</mi><mi>s</mi><mn>0</mn></msubsup>", "B_{s}^{0}"),
        ("<mfrac><mn>1</mn><mn>2</mn></mfrac>", r"\frac{1}{2}"),
        ("<msqrt><mi>s</mi></msqrt><mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt{s} \sqrt[3]{x}"),
        ("<mover><mi>B</mi><mo>¯</mo></mover>", r"\bar{B}"),
        ("<mover><mi>f</mi><mi>g</mi></mover>", r"\overset{g}{f}"),
        ("<mtext>if </mtext><mi>f</mi><mo>&#x2061;</mo><mi>x</mi>", r"\text{if} f x"),
        ("<mo>&lt;</mo>", "<"),
    ],
)
def test_presentation_markup_becomes_tex(inner: str, tex: str) -> None:
    assert tex_of_mathml(f"<math>{inner}</math>") == tex
    prefixed = inner.replace("</", "</mml:").replace("<m", "<mml:m")
    assert tex_of_mathml(f'<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML">{prefixed}</mml:math>') == tex


def test_tex_that_the_formula_carries_is_taken() -> None:
    assert tex_of_mathml(r'<math alttext="\alpha"><mi>α</mi></math>') == r"\alpha"
    annotated = (
        '<math><semantics><mi>α</mi><annotation encoding="application/x-tex">\\beta</annotation></semantics></math>'
    )
    assert tex_of_mathml(annotated) == r"\beta"


def test_damage_is_no_formula() -> None:
    assert tex_of_mathml("<math>" + "<mi>x</mi>" * MAX_LENGTH + "</math>") == ""
    assert tex_of_mathml("") == ""
    assert tex_of_mathml("<math><mi>x</math>") == "x"
    assert tex_of_mathml("<math>" + "<mrow>" * 3_000 + "</math>") == ""


def test_a_document_around_a_formula_goes() -> None:
    assert plain_tex("\\documentclass{article}\\begin{document}$$x^2$$\\end{document}") == "x^2"
    assert plain_tex("x^2") == "x^2"
