from __future__ import annotations

import pytest

from coolpapers.papers.records.tex_characters import MATH_OF_CHARACTER, character_of, encode_characters, encode_math
from coolpapers.papers.sources.bibtex.latex import plain_text


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("α-stable", r"\ensuremath{\alpha}-stable"),
        ("ε and ϵ", r"\ensuremath{\varepsilon} and \ensuremath{\epsilon}"),
        ("x → ∞", r"x \ensuremath{\rightarrow} \ensuremath{\infty}"),
        ("over ℝ", r"over \ensuremath{\mathbb{R}}"),
        ("Aṣvin", r"A{\d{s}}vin"),
        ("Nguyễn", r"Nguy{\~{\^{e}}}n"),
        ("Schrödinger, Łódź, Ștefan, “so” – and …", "Schrödinger, Łódź, Ștefan, “so” – and …"),
        ("方程", "方程"),
        ("in\u200bvisible", "invisible"),
        ("m\u030c and n\u0308", r"{\v{m}} and {\"{n}}"),
    ],
)
def test_characters_that_fonts_lack_become_commands(text: str, encoded: str) -> None:
    assert encode_characters(text) == encoded


def test_formulas_get_the_bare_command() -> None:
    assert encode_math("$α_1 → ∞$") == r"$\alpha _1 \rightarrow  \infty $"


@pytest.mark.parametrize("character", [char for char in MATH_OF_CHARACTER if char not in "µ−"])
def test_the_import_reads_each_character_again(character: str) -> None:
    assert plain_text(encode_characters(f"A {character} b")) == f"A {character} b"


def test_other_formulas_stand_for_no_character() -> None:
    assert character_of(r"\alpha_1") == ""


@pytest.mark.parametrize("letter", ["ṣ", "ệ", "ǎ", "ậ", "ẽ", "m\u030c"])
def test_the_import_reads_rare_letters_again(letter: str) -> None:
    assert plain_text(encode_characters(f"A{letter}b")) == f"A{letter}b"
