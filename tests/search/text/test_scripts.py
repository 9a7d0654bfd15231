from __future__ import annotations

import pytest

from search.text.analysis import Token, index_text, query_tokens, tokenize
from search.text.scripts import CLUSTER, is_one_cluster, is_unspaced, normalize_cluster


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("深度", ["深", "度"]),
        ("ที่นี่", ["ที่", "นี่"]),  # vowel and tone mark belong to their letter
        ("น้ำ", ["น้ำ"]),
        ("ພູມ", ["ພູ", "ມ"]),
        ("ខ្មែរ", ["ខ្មែ", "រ"]),  # with the letter below
        ("ဘာသာ", ["ဘာ", "သာ"]),
    ],
)
def test_marks_belong_to_their_letter(text: str, clusters: list[str]) -> None:
    assert CLUSTER.findall(text) == clusters
    assert all(map(is_one_cluster, clusters))
    assert is_unspaced(text)


def test_a_cluster_has_a_bounded_number_of_marks() -> None:
    assert max(map(len, CLUSTER.findall("ก" + "\u0e48" * 1_000))) < 20


@pytest.mark.parametrize("text", ["graph", "étude", "भाषा", "۳", "๑๒", ""])
def test_other_scripts_have_blanks_between_words(text: str) -> None:
    assert not is_unspaced(text)


@pytest.mark.parametrize("text", ["น้ำ", "น\u0e49\u0e4dา", "น\u0e4d\u0e49า"])
def test_the_vowel_am_has_one_form_however_it_is_typed(text: str) -> None:
    assert normalize_cluster(text) == "น\u0e49\u0e4dา"
    assert [token.text for token in tokenize(text)] == ["น\u0e49\u0e4dา"]


def test_cjk_characters_stay_as_they_are() -> None:
    assert normalize_cluster("\uf900") == "\uf900"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("การประมวลผลภาษาไทย", "ภาษา"),
        ("ເຄື່ອງວັດແທກອຸນຫະພູມ", "ອຸນຫະພູມ"),
        ("ការរៀនម៉ាស៊ីនសម្រាប់ភាសាខ្មែរ", "ភាសាខ្មែរ"),
        ("ការរៀន\u200bភាសា\u200bខ្មែរ", "ភាសាខ្មែរ"),  # zero-width spaces between words
        ("မြန်မာဘာသာစကား", "ဘာသာ"),
        ("ระบบ BERT สำหรับภาษาไทย", "สำหรับ"),
    ],
)
def test_a_word_inside_a_run_is_found(text: str, query: str) -> None:
    """The pairs of the query occur in the text, adjacent."""
    stream = f" {index_text(text)[0]} "
    assert f" {' '.join(token.text for token in query_tokens(query))} " in stream


def test_an_absent_word_has_no_hits() -> None:
    query = {token.text for token in query_tokens("ภาษี")}
    assert not query <= set(index_text("การประมวลผลภาษาไทย")[0].split())


def test_one_character_is_half_of_a_pair() -> None:
    assert [token.is_half for token in query_tokens("ที่")] == [True]
    assert [token.is_half for token in query_tokens("ภาษา")] == [False] * 3
    assert not Token("a", "a", "a", 0, 1).is_half


def test_vowel_signs_of_indic_scripts_belong_to_their_word() -> None:
    assert [token.exact for token in tokenize("भाषा संसाधन")] == ["भाषा", "संसाधन"]
