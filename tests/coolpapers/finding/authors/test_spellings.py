from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.finding.authors.spellings import (
    PersonName,
    conflicts,
    divide_spellings,
    read_arxiv_author,
    read_person,
    read_reading,
)
from search.text.names import name_readings


def person(text: str) -> PersonName:
    name = read_person(text)
    assert name is not None
    return name


@pytest.mark.parametrize(
    ("text", "family", "given_names"),
    [
        ("Geoffrey E. Hinton", "hinton", "geoffrey e"),
        ("Hinton, Geoffrey E.", "hinton", "geoffrey e"),
        ("G.E. Hinton", "hinton", "g e"),
        ("Johannes van der Waals", "van der waals", "johannes"),
        ("Jürgen Müller", "muller", "jurgen"),
        ("Geoffrey_Hinton", "hinton", "geoffrey"),
        ("Plato", "plato", ""),
        ("de", "de", ""),
    ],
)
def test_a_name_is_read_as_family_and_given_names(text: str, family: str, given_names: str) -> None:
    assert person(text) == PersonName(tuple(family.split()), tuple(given_names.split()))


@pytest.mark.parametrize("text", ["", " , ", "…", "--"])
def test_text_without_letters_is_no_name(text: str) -> None:
    assert read_person(text) is None


@pytest.mark.parametrize(
    "text", ["Geoffrey E. Hinton", "Johannes van der Waals", "Jürgen Müller", "Plato", "王伟", "Li, Ming"]
)
def test_the_reading_of_a_name_is_among_those_of_the_index(text: str) -> None:
    assert person(text).reading in name_readings(text)
    assert read_reading(person(text).reading) == person(text)


@pytest.mark.parametrize(
    ("one", "other", "is_conflict"),
    [
        ("Geoffrey Hinton", "G. Hinton", False),
        ("Geoffrey Hinton", "Geoffrey E. Hinton", False),
        ("Geoffrey Hinton", "Hinton", False),
        ("Ya-Qin Zhang", "Yaqin Zhang", False),
        ("Geoffrey Hinton", "Gerald Hinton", True),
        ("G. E. Hinton", "Geoffrey A. Hinton", True),
        ("William E. Smith", "William B. Smith", True),
        ("Wei Wang", "Weiqi Wang", True),
        ("Wei Wang", "Wei Zhang", True),
    ],
)
def test_names_conflict_where_they_cannot_be_one_person(one: str, other: str, is_conflict: bool) -> None:
    assert conflicts(person(one), person(other)) is is_conflict
    assert conflicts(person(other), person(one)) is is_conflict


def names(*texts: str) -> set[str]:
    return {person(text).words for text in texts}


@pytest.mark.parametrize(
    ("asked", "own", "others", "is_ambiguous"),
    [
        # One person: every spelling joins, whichever is asked for.
        ("Yann LeCun", ["Yann LeCun", "Y. LeCun"], [], False),
        ("Y. LeCun", ["Yann LeCun", "Y. LeCun"], [], False),
        # The initial fits somebody else, too: it may be this person.
        ("Alan Smith", ["Alan Smith", "Alan T. Smith"], ["A. Smith"], False),
        # The initial fits several people.
        ("A. Smith", ["A. Smith"], ["Alan Smith", "Alan T. Smith", "Ada Smith"], True),
        # The full name fits people with different second names.
        ("Bo Li", ["Bo Li"], ["Bo A. Li", "Bo C. Li"], True),
        ("Bo A. Li", ["Bo A. Li"], ["Bo Li"], False),
    ],
)
def test_spellings_are_joined_where_they_can_be_nobody_else(
    asked: str, own: list[str], others: list[str], is_ambiguous: bool
) -> None:
    library = ["Yann LeCun", "Y. LeCun", "Alan Smith", "Alan T. Smith", "A. Smith", "Ada Smith"]
    library += ["Bo Li", "Bo A. Li", "Bo C. Li"]
    asked_name = person(asked)
    near = [person(text) for text in library if person(text).family == asked_name.family]
    divided = divide_spellings(asked_name, near)
    assert {name.words for name in divided.own} == names(*own)
    assert {name.words for name in divided.others} == names(*others)
    assert divided.is_ambiguous is is_ambiguous


_GIVEN = st.lists(st.sampled_from(["a", "b", "ada", "alan", "bo"]), max_size=3).map(tuple)


@given(_GIVEN, st.lists(_GIVEN, max_size=8))
def test_own_spellings_never_conflict_and_no_name_is_in_both_parts(
    asked: tuple[str, ...], library: list[tuple[str, ...]]
) -> None:
    name = PersonName(("li",), asked)
    divided = divide_spellings(name, [PersonName(("li",), given_names) for given_names in library])
    assert not set(divided.own) & set(divided.others)
    assert not any(conflicts(one, other) for one in divided.own for other in divided.own)
    assert all(not conflicts(name, other) for other in (*divided.own, *divided.others))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("warner_s_1", "S. Warner"),
        ("le_cun_y_12", "Y. le cun"),
        ("müller_j_1", "J. Müller"),
        ("Simeon_Warner", ""),
        ("warner_s", ""),
        ("0000-0002-7970-7855", ""),
    ],
)
def test_an_author_identifier_of_arxiv_is_read_as_a_name(text: str, name: str) -> None:
    assert read_arxiv_author(text) == name
