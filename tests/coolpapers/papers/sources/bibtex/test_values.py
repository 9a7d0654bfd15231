from __future__ import annotations

from coolpapers.papers.sources.bibtex import values as module
from coolpapers.papers.sources.bibtex.values import MAX_STRINGS, MAX_VALUE, Strings


def test_pieces_are_joined_with_the_blanks_they_hold() -> None:
    strings = Strings()
    strings.define("proc", [(True, "Proceedings of the ")])
    assert strings.expand([(False, "PROC"), (True, "23rd "), (True, "Conference")]) == (
        "Proceedings of the 23rd Conference"
    )
    assert strings.expand([(False, "jun")]) == "jun"
    assert strings.expand([(False, "undefined"), (False, "7")]) == "undefined7"
    assert strings.expand([]) == ""


def test_expansion_is_bounded() -> None:
    strings = Strings()
    strings.define("a", [(True, "x" * 100_000)])
    strings.define("b", [(False, "a")] * 100)
    assert len(strings.expand([(False, "b")])) == MAX_VALUE
    for number in range(100):
        strings.define(f"c{number}", [(False, "b")])
    held = sum(len(strings.expand([(False, f"c{number}")])) for number in range(100))
    assert held <= MAX_STRINGS
    assert module.MAX_STRINGS < 10 * MAX_VALUE
