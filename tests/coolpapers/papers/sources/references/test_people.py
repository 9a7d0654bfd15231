from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.names.people import part_names
from coolpapers.papers.sources.references.people import (
    names_on_line,
    names_or_organisation,
    natural_name,
    split_people,
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Doe, Jane and Ludwig van Beethoven and others", ["Jane Doe", "Ludwig van Beethoven"]),
        ("Linda Zhang, Jie Song, Anna Gao and Kai Ma", ["Linda Zhang", "Jie Song", "Anna Gao", "Kai Ma"]),
        ("Sam Gugger, Lena Debut, Tom Wolf, Phil Schmid", ["Sam Gugger", "Lena Debut", "Tom Wolf", "Phil Schmid"]),
        ("Jane Doe, Richard Roe", ["Jane Doe", "Richard Roe"]),
        ("J. Doe, R. Roe", ["J. Doe", "R. Roe"]),
        ("Linda Zhang, Jie Song and Kai Ma", ["Linda Zhang", "Jie Song", "Kai Ma"]),
        ("Doe, Jane; Roe, Richard; Moe, Max", ["Jane Doe", "Richard Roe", "Max Moe"]),
        ("Doe, Jane,", ["Jane Doe"]),
        ("A. Doe, J. M. Roe, A. Moe, and J. Poe", ["A. Doe", "J. M. Roe", "A. Moe", "J. Poe"]),
        ("García Márquez, Gabriel José", ["Gabriel José García Márquez"]),
        ("García Márquez, Gabriel José and Kai Ma", ["Gabriel José García Márquez", "Kai Ma"]),
        ("Mora Rodríguez, J. C.", ["J. C. Mora Rodríguez"]),
        ("van der Waals, Jr., Johannes", ["Johannes van der Waals Jr."]),
        ("Steele, Guy L., Jr.", ["Guy L. Steele Jr."]),
        ("Guy L. Steele, Jr.", ["Guy L. Steele Jr."]),
        ("Doe, J., Roe, R. M., Moe, M.", ["J. Doe", "R. M. Roe", "M. Moe"]),
        ("Doe JA, Roe R, van Moe M", ["JA Doe", "R Roe", "M van Moe"]),
        ("Doe JA, Roe R", ["JA Doe", "R Roe"]),
        ("Doe, Jane, Roe, Richard", ["Jane Doe", "Richard Roe"]),
        ("Doe, Jane and and Roe, R.", ["Jane Doe", "R. Roe"]),
        ("Doe, Jane, et al.", ["Jane Doe"]),
        ("Doe, Jane et al", ["Jane Doe"]),
        ("{Barnes and Noble, Inc.} and {A; B}", ["{Barnes and Noble, Inc.}", "{A; B}"]),
        ("family=Doe, given=Jane, given-i=J and family={Roe}", ["Jane Doe", "{Roe}"]),
        ("Jane Doe & Richard Roe", ["Jane Doe", "Richard Roe"]),
        ("Morandi, V. and Craven, M. D. and Bremser, M.D.", ["V. Morandi", "M. D. Craven", "M.D. Bremser"]),
        ("Ann Alpha\n  Bob B. Beta\n", ["Ann Alpha", "Bob B. Beta"]),
        ("A. Alpha     B. Beta    C. Gamma", ["A. Alpha", "B. Beta", "C. Gamma"]),
        ("Ann\nAlpha", ["Ann Alpha"]),
        ("", []),
        ("and", []),
    ],
)
def test_lists_are_split(text: str, names: list[str]) -> None:
    natural, _ = part_names(split_people(text))
    assert natural == tuple(names)


def test_a_single_name_is_put_in_natural_order() -> None:
    assert natural_name("van Doe, Jr., Jane") == natural_name("van Doe, Jane, Jr.") == "Jane van Doe Jr."
    assert natural_name("Ann  Alpha") == "Ann Alpha"


@pytest.mark.parametrize("mark", ["A and ", "{", "a, ", "A B; ", " and", "A, B and ", "{a} and {", "family=a, ", " "])
def test_long_lists_take_linear_time(mark: str) -> None:
    began = time.process_time()
    split_people("A" + mark * (200_000 // len(mark)) + "B")
    assert time.process_time() - began < 3


@given(st.text(alphabet="Aa, ;{}and&.=", max_size=60))
def test_any_text_is_split(text: str) -> None:
    assert all(split_people(text)) or split_people(text) == []


@pytest.mark.parametrize("name", ["Le Duy, Vo Nguyen", "De Luca, Ernesto William", "'t Hooft, Gerardus Antonius"])
def test_a_family_name_with_a_particle_is_one_person_beside_people_in_natural_order(name: str) -> None:
    family, given = name.split(", ")
    assert split_people(f"Ada Lovelace and {name}") == ["Ada Lovelace", f"{given} {family}"]


def test_a_line_that_holds_several_people_is_split() -> None:
    assert names_on_line("Doe J, Roe RM, Moe M") == ["J Doe", "RM Roe", "M Moe"]
    assert names_on_line("Doe, Jane; Roe, R.") == ["Jane Doe", "R. Roe"]
    assert names_on_line("Doe, Jane, Jr.") == ["Jane Doe Jr."]
    assert names_on_line("Wei LI") == ["Wei LI"]
    assert names_on_line(" , ") == []


def test_a_suffix_behind_given_names_goes_to_the_end() -> None:
    assert natural_name("King, Martin L Jr") == "Martin L King Jr"
    assert natural_name("Steele, Guy L., III") == natural_name("Steele, Guy L. III") == "Guy L. Steele III"
    assert natural_name("Doe, A JR") == "A JR Doe"


def test_chinese_and_korean_names_have_no_blank() -> None:
    assert natural_name("张, 三") == "张三"
    assert natural_name("김, 철수") == "김철수"
    assert natural_name("Zhang, 三") == "三 Zhang"


def test_a_name_with_a_last_comma_is_an_organisation() -> None:
    assert names_or_organisation("Food and Drug Administration,") == ["Food\xa0and Drug Administration"]
    assert names_or_organisation("Doe, Jane") == ["Jane Doe"]


def test_initials_that_look_like_a_suffix_stay_given_names() -> None:
    assert natural_name("Doe, JR") == "JR Doe"
    assert natural_name("Doe, Jane, Jr.") == "Jane Doe Jr."
    assert natural_name("Martin Luther King, Jr.") == "Martin Luther King Jr."


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("Doe, J. and Roe, R.", ["J. Doe", "R. Roe"]),
        ("Moe, M. & Poe, P.", ["M. Moe", "P. Poe"]),
        ("Jane Doe and Richard Roe", ["Jane Doe", "Richard Roe"]),
        ("J. Doe & R. Roe", ["J. Doe", "R. Roe"]),
        ("Barnes and Noble", ["Barnes and Noble"]),
        ("Center for Words and Things", ["Center for Words and Things"]),
        ("Food and Drug Administration", ["Food and Drug Administration"]),
    ],
)
def test_people_of_a_line_that_and_joins(line: str, people: list[str]) -> None:
    assert names_on_line(line) == people
    assert names_or_organisation(line) == people
    assert names_or_organisation(f"{line},") == [line.replace(" and ", "\xa0and ")]
