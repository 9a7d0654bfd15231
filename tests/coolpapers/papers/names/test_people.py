from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.names.people import split_name


@pytest.mark.parametrize(
    ("text", "given_name", "family", "suffix"),
    [
        ("Ada Lovelace", "Ada", "Lovelace", ""),
        ("Ludwig van der Vaart", "Ludwig", "van der Vaart", ""),
        ("Luc Van Gool", "Luc", "Van Gool", ""),
        ("Adrian del Maestro", "Adrian", "del Maestro", ""),
        ("Guy L. Steele Jr.", "Guy L.", "Steele", "Jr."),
        ("Guy L. Steele, Jr.", "Guy L.", "Steele", "Jr."),
        ("Samuel J. Gershman III", "Samuel J.", "Gershman", "III"),
        ("Hinton, Geoffrey E.", "Geoffrey E.", "Hinton", ""),
        ("Claude Zuily (LM-Orsay)", "Claude", "Zuily", ""),
        ("Aniket (Nick) Bajpai", "Aniket (Nick)", "Bajpai", ""),
        ("Hyundae Lee,", "Hyundae", "Lee", ""),
        ("Gerard 't Hooft", "Gerard", "'t Hooft", ""),
        ("Willem ’s Gravesande", "Willem", "’s Gravesande", ""),
        ("Jan van 't Veer", "Jan", "van 't Veer", ""),
        ("Laurent El Ghaoui", "Laurent", "El Ghaoui", ""),
        ("Jane Doe, PhD", "Jane", "Doe", ""),
        ("Doe, Jane, M.D.", "Jane", "Doe", ""),
        ("Jakob Uszkoreit 0001", "Jakob", "Uszkoreit", ""),
        ("Aristotle", "", "Aristotle", ""),
        ("张三", "", "张三", ""),
        ("张 三", "", "张 三", ""),
        ("김, 철수", "", "김철수", ""),
        ("Jian Li", "Jian", "Li", ""),
        ("  Alain   Haraux\n (LJLL)", "Alain", "Haraux", ""),
    ],
)
def test_a_name_splits_into_given_family_and_suffix(text: str, given_name: str, family: str, suffix: str) -> None:
    name = split_name(text)
    assert (name.given, name.family, name.suffix) == (given_name, family, suffix)


@pytest.mark.parametrize(
    "text",
    ["U.S. Food and Drug Administration", "ATLAS Collaboration", "The LIGO Scientific Collaboration", "NLLB Team"],
)
def test_an_organisation_is_not_split(text: str) -> None:
    name = split_name(text)
    assert (name.family, name.given, name.is_organisation) == (text, "", True)


def test_inverted_puts_the_particle_with_the_family_name() -> None:
    assert split_name("Ludwig van der Vaart").inverted == "van der Vaart, Ludwig"


@given(st.text())
def test_any_text_splits_without_error_and_keeps_its_order(text: str) -> None:
    name = split_name(text)
    assert isinstance(name.natural, str)
    assert isinstance(name.inverted, str)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("José Ortega y Gasset", "Ortega y Gasset"),
        ("Antoni Gaudí i Cornet", "Gaudí i Cornet"),
        ("João P. dos Santos e Castro", "dos Santos e Castro"),
        ("J. E. e Silva", "e Silva"),
        ("Ana e Silva", "e Silva"),
    ],
)
def test_two_family_names_that_a_word_joins_are_one(name: str, family: str) -> None:
    assert split_name(name).family == family


@pytest.mark.parametrize(
    ("name", "family", "given", "suffix"),
    [
        ("Doe, JR", "Doe", "JR", ""),
        ("Doe, IV", "Doe", "IV", ""),
        ("Guy L. Steele, Jr.", "Steele", "Guy L.", "Jr."),
        ("Doe, Jane, III", "Doe", "Jane", "III"),
    ],
)
def test_what_looks_like_a_suffix_is_a_given_name_where_there_is_no_other(
    name: str, family: str, given: str, suffix: str
) -> None:
    person = split_name(name)
    assert (person.family, person.given, person.suffix) == (family, given, suffix)
