from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.names.people import BOUNDARY, join_parts, part_names, split_name, split_names


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
        ("Arthur Jr. Galapon", "Arthur", "Galapon", "Jr."),
        ("Jr-Shin Li", "Jr-Shin", "Li", ""),
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


@pytest.mark.parametrize(
    ("given_name", "family", "suffix", "natural", "sort_name"),
    [
        ("Gabriel", "García Márquez", "", "Gabriel García Márquez", "García Márquez, Gabriel"),
        ("Hillary", "Rodham Clinton", "Jr.", "Hillary Rodham Clinton Jr.", "Rodham Clinton, Hillary, Jr."),
        ("Ludwig van", "Beethoven", "", "Ludwig van Beethoven", "Beethoven, Ludwig van"),
        ("Ana", "Muñoz de la Cruz", "", "Ana Muñoz de la Cruz", "Muñoz de la Cruz, Ana"),
        # What the words say themselves needs no note.
        ("Ada", "Lovelace", "", "Ada Lovelace", ""),
        ("Juana Inés", "de la Cruz", "", "Juana Inés de la Cruz", ""),
        ("Jan", "van der Berg", "", "Jan van der Berg", ""),
        ("José", "Ortega y Gasset", "", "José Ortega y Gasset", ""),
        # An organisation has no given name, whatever a program made of it.
        ("Example", "Research Group", "", "Example Research Group", ""),
        ("", "García Márquez", "", "García Márquez", ""),
        ("Gabriel", "", "", "Gabriel", ""),
    ],
)
def test_a_source_says_where_the_family_name_begins(
    given_name: str, family: str, suffix: str, natural: str, sort_name: str
) -> None:
    names, sort_names = part_names([join_parts(given_name, family, suffix)])
    assert names == (natural,)
    assert sort_names == ((sort_name,) if sort_name else ())
    [person] = split_names(names, sort_names)
    if sort_name:
        assert (person.given, person.family, person.suffix) == (given_name, family, suffix)


def test_names_without_a_note_are_split_by_their_words() -> None:
    people = split_names(["Gabriel García Márquez", "Ada Lovelace", " "], ["García Márquez, Gabriel", "Roe, Jane"])
    assert [person.inverted for person in people] == ["García Márquez, Gabriel", "Lovelace, Ada"]
    assert [person.family for person in split_names(["Gabriel García Márquez"], None)] == ["Márquez"]


@given(st.text(), st.text(), st.text())
def test_a_boundary_never_stays_in_a_name(given_name: str, family: str, suffix: str) -> None:
    names, sort_names = part_names([join_parts(given_name, family, suffix)])
    assert not any(BOUNDARY in name for name in (*names, *sort_names))
