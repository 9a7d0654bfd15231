from __future__ import annotations

import random

from rapidfuzz.distance import OSA

from search.text.spelling import LONG_WORD_CHARS, WordList

WORDS = {"transformer": 9, "transformers": 3, "transform": 30, "transfer": 50, "cat": 4, "car": 7, "x2x": 1, "ear": 99}


def nearest(word: str, limit: int = 5, words: dict[str, int] = WORDS) -> list[str]:
    return WordList(words).nearest(word, limit=limit)


def test_similar_words_are_ordered_by_distance_then_frequency() -> None:
    assert nearest("transformerz") == ["transformer", "transformers"]
    assert nearest("cap") == ["car", "cat"]


def test_a_swap_of_adjacent_characters_is_one_edit() -> None:
    assert nearest("transfromer", 1) == ["transformer"]


def test_similar_short_words_are_within_one_edit() -> None:
    assert nearest("ca") == ["car", "cat"]
    assert nearest("coz") == []


def test_a_word_with_another_first_letter_has_to_be_more_frequent() -> None:
    assert nearest("ransformer", 1) == ["transformer"]
    assert nearest("gield", words={"giald": 3, "field": 900}) == ["field", "giald"]
    assert nearest("cear", words={"clear": 30, "bear": 100, "dear": 500}) == ["dear", "clear", "bear"]


def test_swapped_first_letters_are_no_other_first_letter() -> None:
    assert nearest("ocntrol", words={"control": 50, "octrol": 20}) == ["control", "octrol"]


def test_a_frequent_word_at_two_edits_is_likelier_than_a_typing_error_at_one() -> None:
    words = {"clasification": 2, "classification": 9000}
    assert nearest("clasifcation", words=words) == ["classification", "clasification"]
    words["clasification"] = 200
    assert nearest("clasifcation", words=words) == ["clasification", "classification"]


def test_a_known_word_and_an_empty_one() -> None:
    assert nearest("car") == ["ear", "cat"]
    assert nearest("") == []


def test_words_in_other_scripts() -> None:
    words = {"внимание": 5, "зрение": 3}
    assert nearest("вниманее", words=words) == ["внимание"]
    assert nearest("внимание", words={"вниманием": 2}) == ["вниманием"]


def test_all_words_within_one_edit_are_candidates() -> None:
    rng = random.Random(3)
    words = {"".join(rng.choices("abcde", k=rng.randint(1, 5))): rng.randint(1, 9) for _ in range(500)}
    for _ in range(200):
        typed = "".join(rng.choices("abcde", k=rng.randint(1, LONG_WORD_CHARS - 1)))
        expected = {word for word in words if OSA.distance(word, typed) == 1}
        assert set(nearest(typed, limit=1000, words=words)) == expected, typed
