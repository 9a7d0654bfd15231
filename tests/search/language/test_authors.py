from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.language.authors import (
    find_name,
    may_begin_name,
    name_or_words,
    read_author,
    write_given,
    write_underscored,
)
from search.language.query import Author, Node, Or, Phrase, Term

HINTON = Author("Hinton", "G")
WAALS = Author("van der Waals", "J")


@pytest.mark.parametrize(
    "text", ["Hinton_G", "Hinton, G", "Hinton, G.", "G. Hinton", "G Hinton", "Hinton G", " G._Hinton "]
)
def test_all_forms_of_a_name_are_one(text: str) -> None:
    assert read_author(text) == HINTON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hinton", Term("Hinton", "author")),
        ("III", Term("III", "author")),
        ("del_maestro", Phrase("del maestro", "author")),
        ("Del Maestro", Phrase("Del Maestro", "author")),
        ("van der Waals", Phrase("van der Waals", "author")),
        ("J. van der Waals", WAALS),
        ("van der Waals, J.", WAALS),
        ("Hinton, G.E.", Author("Hinton", "G E")),
        ("Rowling, JK", Author("Rowling", "J K")),
        ("J.-P. Serre", Author("Serre", "J P")),
        ("Hinton, Geoffrey", Author("Hinton", "Geoffrey")),
        ("Miller, A., Jr.", Author("Miller", "A")),
        ("Díaz", Term("Díaz", "author")),
        ("王, 伟", Author("王", "伟")),
        ("文君 王", Or((Phrase("文君 王", "author"), Author("王", "文君")))),
        ("王 伟", Or((Phrase("王 伟", "author"), Author("伟", "王")))),
        (", Hinton", Term("Hinton", "author")),
        ("...", None),
    ],
)
def test_the_value_of_an_author_field(text: str, expected: Node | None) -> None:
    assert read_author(text) == expected


def test_a_full_name_matches_as_a_phrase_or_by_family_and_given_names() -> None:
    node = read_author("Johannes van der Waals")
    assert node == Or((Phrase("Johannes van der Waals", "author"), Author("van der Waals", "Johannes")))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["Hinton_G", "x"], (1, HINTON)),
        (["Hinton,", "G", "x"], (2, HINTON)),
        (["G.", "Hinton,", "x"], (2, HINTON)),
        (["J.-P.", "Serre"], (2, Author("Serre", "J P"))),
        (["van", "der", "Waals,", "J.", "x"], (4, WAALS)),
        (["J.", "van", "der", "Waals", "forces"], (4, WAALS)),
        (["van_der_Waals_J"], (1, WAALS)),
        (["E.", "coli"], None),
        (["G", "Hinton"], None),  # a single letter is ambiguous
        (["models,", "A"], None),
        (["Specifically,", "I"], None),
        (["Andrews,", "A."], (2, Author("Andrews", "A"))),
        (["Transformers,", "BERT"], None),
        (["layer_norm"], None),
        (["x_T"], None),
        (["G."], None),
    ],
)
def test_only_unambiguous_forms_are_read_as_names_among_words(
    words: list[str], expected: tuple[int, Author] | None
) -> None:
    assert find_name(words) == expected


def test_a_name_among_words_also_stands_for_its_words() -> None:
    node = name_or_words(HINTON)
    assert isinstance(node, Or)
    assert node.children[0] == HINTON
    assert find_name([write_underscored(WAALS)]) == (1, WAALS)


@given(st.text(max_size=30))
@example("G, \x1b")  # a comma before a part without letters
def test_writing_given_names_is_idempotent(text: str) -> None:
    assert write_given(write_given(text)) == write_given(text)


@given(
    st.lists(st.sampled_from(["de", "van", "Van", "Hinton", "Hinton,", "G", "G.", "Li_G", "é", "a", "Ng;"]), min_size=1)
)
def test_the_quick_check_for_names_misses_none(words: list[str]) -> None:
    assert may_begin_name(words[0]) or find_name(words) is None


def test_of_plain_words_only_particles_begin_a_name() -> None:
    assert not may_begin_name("graph")
    assert may_begin_name("van")


@given(st.text(alphabet="aGH .,_-;'é王", max_size=16))
def test_any_text_is_a_name_or_none(text: str) -> None:
    node = read_author(text)
    assert (node is None) == (not any(char.isalnum() for char in text))
