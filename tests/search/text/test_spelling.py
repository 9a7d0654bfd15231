from __future__ import annotations

from search.text.spelling import WordList

WORDS = {"transformer": 9, "transformers": 3, "transform": 30, "transfer": 50, "cat": 4, "car": 7, "x2x": 1, "ear": 99}


def nearest(word: str, limit: int = 5) -> list[str]:
    return WordList(WORDS).nearest(word, limit=limit)


def test_nearer_words_come_first_then_more_frequent_ones() -> None:
    assert nearest("transformerz") == ["transformer", "transformers"]
    assert nearest("cap") == ["car", "cat"]


def test_a_swap_of_neighbours_is_one_edit() -> None:
    assert nearest("transfromer", 1) == ["transformer"]


def test_short_words_have_near_ones_within_one_edit() -> None:
    assert nearest("ca") == ["car", "cat"]
    assert nearest("coz") == []


def test_words_with_another_first_letter_are_looked_through_when_none_is_near() -> None:
    assert nearest("ransformer", 1) == ["transformer"]


def test_the_word_itself_and_the_empty_word_have_no_near_ones() -> None:
    assert nearest("car") == ["cat"]
    assert nearest("") == []
