"""How a command that no table explains is shown."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.latex.names import Naming, unknown_name


@pytest.mark.parametrize("name", ["ours", "methodname", "BracketRank", "inter", "pino", "e", "orner", "this"])
def test_the_names_of_a_project_are_shown(name: str) -> None:
    assert unknown_name(name) == (Naming.SHOWN, name, "")


@pytest.mark.parametrize("name", ["displaystyle", "noindent", "sc", "xspace", "left", "beginitemize", "faGithub", "v"])
def test_what_only_formats_is_lost(name: str) -> None:
    assert unknown_name(name) == (Naming.LOST, "", "")


@pytest.mark.parametrize(
    ("name", "command", "rest"),
    [("sqrtT", "sqrt", "T"), ("sqrtKT", "sqrt", "KT"), ("fracN", "frac", "N"), ("Deltax", "Delta", "x"),
     ("logN", "log", "N"), ("partialt", "partial", "t"), ("timesn", "times", "n")],
)  # fmt: skip
def test_a_name_that_swallowed_what_follows_is_split(name: str, command: str, rest: str) -> None:
    assert unknown_name(name) == (Naming.SPLIT, command, rest)


@pytest.mark.parametrize(
    ("name", "rest"),
    [("emphany", "any"), ("textscstdf", "stdf"), ("mathcalO", "O"), ("cX", "X"), ("bfx", "x"), ("nOur", " Our")],
)
def test_a_format_that_swallowed_its_argument_gives_it_back(name: str, rest: str) -> None:
    assert unknown_name(name) == (Naming.LOST, "", rest)
