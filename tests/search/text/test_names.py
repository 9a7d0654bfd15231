from __future__ import annotations

import re

import pytest

from search.text.names import index_names, name_pattern


def readings(name: str) -> list[str]:
    return index_names([name])[1].split()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Geoffrey Hinton", ["hinton|geoffrey"]),
        ("Geoffrey E. Hinton", ["e_hinton|geoffrey", "hinton|geoffrey_e"]),
        ("Hinton, Geoffrey E.", ["hinton|geoffrey_e"]),
        ("van der Waals, J.", ["van_der_waals|j", "der_waals|j_van", "waals|j_van_der"]),
        ("María Díaz", ["diaz|maria", "maría", "díaz"]),
        ("Plato", ["plato|"]),
        ("张三", ["三|张三"]),
        ("?!", []),
        (", ,", []),
    ],
)
def test_readings_of_a_name_and_its_words_with_accents(name: str, expected: list[str]) -> None:
    assert readings(name) == expected


def test_the_words_of_two_names_are_kept_apart() -> None:
    assert index_names(["Xiao Wang", "Li Zhang"])[0] == "xiao wang | li zhang"
    assert index_names([]) == ("", "")


@pytest.mark.parametrize(
    ("family", "given", "matches", "others"),
    [
        ("Hinton", "G", ["Geoffrey Hinton", "G. Hinton", "Hinton, Geoffrey E."], ["Mary Hinton", "Geoffrey Smith"]),
        ("Hinton", "G E", ["Geoffrey Everest Hinton", "G. E. Hinton"], ["Geoffrey Hinton", "Geoffrey F. Hinton"]),
        ("Hinton", "Geoffrey", ["Geoffrey Hinton", "Geoffrey E. Hinton"], ["G. Hinton"]),
        ("del Maestro", "A", ["Adrian Del Maestro", "del Maestro, A."], ["Adrian Maestro"]),
        ("Maestro", "A", ["Adrian Del Maestro", "Adrian Maestro"], ["Del Maestro"]),
        ("van der Waals", "J D", ["J. D. van der Waals", "van der Waals, J. D."], ["J. van der Waals"]),
        ("Díaz", "M", ["María Diaz", "M. Díaz"], ["Jorge Diaz"]),
    ],
)
def test_an_author_matches_readings_of_names(family: str, given: str, matches: list[str], others: list[str]) -> None:
    prefix, pattern = name_pattern(family, given)
    fits = re.compile(pattern or f"{re.escape(prefix)}.*").fullmatch
    assert all(any(fits(reading) for reading in readings(name)) for name in matches)
    assert not any(fits(reading) for name in others for reading in readings(name))
    assert all(reading.startswith(prefix) for name in matches for reading in readings(name) if fits(reading))


def test_a_name_without_letters_has_no_pattern() -> None:
    assert name_pattern("?", "!") == ("", "")
