"""Signs of one character."""

from __future__ import annotations

from coolpapers.reading.markup.latex.signs import MORE_SIGNS


def test_the_table_reads_as_names_and_characters() -> None:
    assert len(MORE_SIGNS) > 400
    assert (MORE_SIGNS["succeq"], MORE_SIGNS["triangleq"], MORE_SIGNS["lfloor"]) == ("⪰", "≜", "⌊")
    assert all(name.isascii() and name.isalpha() for name in MORE_SIGNS)
    assert all(len(sign) <= 2 for sign in MORE_SIGNS.values())
