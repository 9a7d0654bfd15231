from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.identity.people import (
    AuthorMatch,
    compare_authors,
    fold_word,
    is_nobody,
    is_same_person,
    name_parts,
)

SAME = [
    ("Geoffrey E. Hinton", "G. Hinton"),
    ("Geoffrey E. Hinton", "Hinton, Geoffrey"),
    ("Geoffrey E. Hinton", "Hinton GE"),
    ("Ashish Vaswani", "Vaswani Ashish"),
    ("Jörg Müller", "Joerg Mueller"),
    ("Jörg Müller", "J. Muller"),
    ("Kim Østergaard", "Kim Ostergaard"),
    ("Kim Østergård", "Kim Oestergaard"),
    ("Łukasz Kaiser", "Lukasz Kaiser"),
    ("Đặng Văn", "Dang Van"),
    ("Sammy Davis Jr.", "S. Davis"),
    ("Jean-Luc Godard", "J.-L. Godard"),
    ("Jean-Luc Godard", "Jean Luc Godard"),
    ("Xiao-Ming Li", "Xiaoming Li"),
    ("Xiao-Ming Li", "Li Xiaoming"),
    ("LI Wei", "Wei Li"),
    ("Daniel Jones", "Dan Jones"),
    ("Conor O'Brien", "Conor O’Brien"),
    ("Ana García-López", "Ana Garcia"),
    ("Wei Wang 0001", "Wei Wang"),
    ("王伟", "王伟"),
    ("Yann LeCun", "Le Cun, Yann"),
    ("José García-Márquez", "J. García Márquez"),
    ("Michael Jordan", "Mike Jordan"),
    ("Lawrence Page", "Larry Page"),
    ("Ludwig van den Berg", "L. van den Berg"),
    ("Barnes & Noble", "Barnes and Noble"),
    ("Johnson & Johnson Innovative Medicine", "Johnson and Johnson Innovative Medicine"),
]
OTHER = [
    ("John Smith", "Jane Smith"),
    ("Wei Wang", "Wei Zhang"),
    ("Jin Wang", "Jing Wang"),
    ("John A. Smith", "John B. Smith"),
    ("J. Smith", "J. Jones"),
    ("Mike Jordan", "Miles Jordan"),
    ("Ada Example", ""),
    ("Barnes & Noble", "Barnes & Moe"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_ways_of_writing_one_name(one: str, other: str) -> None:
    assert is_same_person(name_parts(one), name_parts(other))
    assert is_same_person(name_parts(other), name_parts(one))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_names_of_two_people(one: str, other: str) -> None:
    assert not is_same_person(name_parts(one), name_parts(other))


TEAM = ["Ada Example", "Bo Müller", "Chen Wei", "Dee Dunn"]


@pytest.mark.parametrize(
    ("match", "one", "other"),
    [
        (AuthorMatch.ALL, TEAM, ["Example, A.", "Mueller, B.", "C. Wei", "D. Dunn"]),
        (AuthorMatch.AGREE, TEAM, ["Ada Example"]),  # et al.
        (AuthorMatch.AGREE, TEAM, ["Ada Example", "et al."]),
        (AuthorMatch.AGREE, TEAM, ["Ada Example", "Chen Wei", "New Person"]),
        (AuthorMatch.AGREE, TEAM, ["Bo Müller", "Ada Example", "Dee Dunn", "Chen Wei"]),
        (AuthorMatch.PARTLY, TEAM, ["New Person", "Ada Example"]),
        (AuthorMatch.PARTLY, TEAM, ["Ada Example", "New Person"]),
        (AuthorMatch.PARTLY, TEAM, ["Ada Example", "New Person", "Old Person", "Third Person"]),
        (AuthorMatch.OTHER, TEAM, ["New Person", "Old Person"]),
        (AuthorMatch.OTHER, ["John Smith"], ["Jane Smith"]),
        (AuthorMatch.UNKNOWN, TEAM, []),
        (AuthorMatch.UNKNOWN, TEAM, ["Anonymous"]),
        (AuthorMatch.UNKNOWN, TEAM, ["The ATLAS Collaboration"]),
        (AuthorMatch.OTHER, ["The CMS Collaboration"], ["The ATLAS Collaboration"]),
        (AuthorMatch.ALL, ["The ATLAS Collaboration"], ["ATLAS Collaboration"]),
    ],
)
def test_lists_agree_by_degrees(match: AuthorMatch, one: list[str], other: list[str]) -> None:
    assert compare_authors(one, other) is match
    assert compare_authors(other, one) is match


def test_nobody_is_no_author() -> None:
    assert is_nobody("et al.")
    assert is_nobody("Anonymous Authors")
    assert not is_nobody("Ada Example")


def test_umlauts_are_one_whether_written_out_or_not() -> None:
    assert fold_word("Goethe") == fold_word("Göthe") == "gothe"
    assert fold_word("Ho") == "ho"


names = st.lists(st.sampled_from([*TEAM, "A. Example", "Mueller, B.", "", "X", "Wei Chen"]), max_size=4)


@given(names, names)
def test_the_order_of_lists_does_not_matter(one: list[str], other: list[str]) -> None:
    assert compare_authors(one, other) is compare_authors(other, one)
