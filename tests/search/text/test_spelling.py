from __future__ import annotations

from search.text.spelling import WordList

WORDS = {"transformer": 9, "transformers": 3, "transform": 30, "transfer": 50, "cat": 4, "car": 7, "x2x": 1, "ear": 99}


def nearest(word: str, limit: int = 5) -> list[str]:
    return WordList(WORDS).nearest(word, limit=limit)


def test_similar_words_are_ordered_by_distance_then_frequency() -> None:
    assert nearest("transformerz") == ["transformer", "transformers"]
    assert nearest("cap") == ["car", "cat"]


def test_a_swap_of_adjacent_characters_is_one_edit() -> None:
    assert nearest("transfromer", 1) == ["transformer"]


def test_similar_short_words_are_within_one_edit() -> None:
    assert nearest("ca") == ["car", "cat"]
    assert nearest("coz") == []


def test_words_with_another_first_letter_are_tried_last() -> None:
    assert nearest("ransformer", 1) == ["transformer"]


def test_a_known_word_and_an_empty_one_have_no_suggestions() -> None:
    assert nearest("car") == ["cat"]
    assert nearest("") == []
