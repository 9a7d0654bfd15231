"""siunitx and physics."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.math.packages import read_arguments, unit_words, write_packages
from tests.coolpapers.reading.markup.mathjax import needs_mathjax, refusals

WRITTEN = [
    (r"\SI{5}{\meter\per\second}", r"5\,\mathrm{m/s}"),
    (r"\SI[per-mode=symbol]{9.8}{\metre\per\second\squared}", r"9.8\,\mathrm{m/s^2}"),
    (r"\qty{10}{\kilo\gram}", r"10\,\mathrm{kg}"),
    (r"\SI{3.1+-0.2}{\newton\metre}", r"3.1\pm 0.2\,\mathrm{N\,m}"),
    (r"\SI{96.73}{\percent}", r"96.73\mathrm{\%}"),
    (r"\num{1e5} \num{-2.5E-3}", r"1\times10^{5} -2.5\times10^{-3}"),
    (r"\si{\ohm} \unit{m.s^{-1}}", r"\mathrm{Ω} \mathrm{m\cdot s^{-1}}"),
    (r"\SIrange{1}{2}{\celsius}", r"1\text{ to }2\,\mathrm{°C}"),
    (r"\ang{45}", r"45^\circ"),
    (r"\SI{5}{\metre\tothe{3}}", r"5\,\mathrm{m^{3}}"),
    (r"\SI{5}", r"\SI{5}"),
    (r"\qty(\frac12) \qty{x}", r"(\frac12) {x}"),
    (r"\dv{f}{x} \dv{x} f", r"\frac{\mathrm{d}f}{\mathrm{d}x} \frac{\mathrm{d}}{\mathrm{d}x} f"),
    (r"\pdv[2]{f}{x_{1}}", r"\frac{\partial ^{2}f}{\partial x_{1}^{2}}"),
]


@pytest.mark.parametrize(("tex", "written"), WRITTEN)
def test_a_quantity_or_a_derivative_is_written_out(tex: str, written: str) -> None:
    assert write_packages(tex) == written


@needs_mathjax
def test_mathjax_sets_all_of_it() -> None:
    formulas = [written for _, written in WRITTEN if "SI" not in written]
    assert refusals(formulas) == [None] * len(formulas)


@pytest.mark.parametrize(
    ("units", "words"),
    [
        (r"\meter\per\second", "meter per second"),
        (r"\kilo\gram", "kilogram"),
        (r"\milli\second", "millisecond"),
        (r"\percent", "%"),
        ("m/s", "m/s"),
        (r"\metre\tothe{3}", "metre^3"),
        (r"\degreeCelsius", "°C"),
    ],
)
def test_units_in_text_are_words(units: str, words: str) -> None:
    assert unit_words(units) == words


def test_arguments_are_read_without_options() -> None:
    assert read_arguments(r"[x]{a}{b{c}} d", 0, 2) == (["a", "b{c}"], 12)
    assert read_arguments("{a} b", 0, 2) == (None, 3)
