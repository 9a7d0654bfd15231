"""Where the words of a cloud stand."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from coolpapers.people.keywords.cloud_layout import HEIGHTS, WIDTH, PlacedWord, place_words, text_width
from coolpapers.people.keywords.counting import N_SIZES, CountedWord

LETTERS = st.text(st.sampled_from("abcdefilmtwüéßMW+#图网络"), min_size=1, max_size=22)
WORDS = st.lists(st.builds(CountedWord, LETTERS, st.just(1), st.integers(1, N_SIZES)), max_size=40)


def box(placed: PlacedWord) -> tuple[float, float, float, float]:
    height = HEIGHTS[placed.size - 1]
    half = min(text_width(placed.word, height), WIDTH - 6) / 2
    middle = placed.y - height * 0.34
    return placed.x - half, middle - height / 2, placed.x + half, middle + height / 2


@given(WORDS)
def test_no_word_covers_another_or_leaves_the_picture(words: list[CountedWord]) -> None:
    cloud = place_words(words)
    assert sorted((one.word, one.size) for one in cloud.words) == sorted((one.word, one.size) for one in words)
    boxes = [box(one) for one in cloud.words]
    for left, top, right, bottom in boxes:
        assert left >= -0.2
        assert right <= WIDTH + 0.2
        assert top >= -0.2
        assert bottom <= cloud.height + 0.2
    for one, other in combinations(boxes, 2):
        apart = one[2] <= other[0] + 0.2 or other[2] <= one[0] + 0.2
        assert apart or one[3] <= other[1] + 0.2 or other[3] <= one[1] + 0.2


def test_the_largest_word_is_in_the_centre() -> None:
    cloud = place_words([CountedWord("small", 1, 1), CountedWord("large", 9, 5)])
    assert (cloud.words[0].word, cloud.words[0].x) == ("large", WIDTH / 2)


def test_without_words_the_picture_is_empty() -> None:
    assert place_words([]).words == ()
    assert place_words([]).height == 0


def test_the_same_words_give_the_same_picture() -> None:
    words = [CountedWord(f"word{number}", number, 1 + number % 5) for number in range(20)]
    assert place_words(words) == place_words(words)


def test_the_style_sheet_sets_the_computed_letter_heights() -> None:
    sheet = (Path(__file__).parents[4] / "static/css/people/keywords.css").read_text(encoding="utf-8")
    sizes = {int(size): int(height) for size, height in re.findall(r"\.size-(\d) \{ font-size: (\d+)px", sheet)}
    assert sizes == dict(enumerate(HEIGHTS, start=1))
