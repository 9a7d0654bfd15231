from __future__ import annotations

import pytest

from coolpapers.reading.summarizers.gist import result_sentence

PLAIN = "Graphs are large and hard to read in one go."


@pytest.mark.parametrize(
    "sentence",
    [
        "We show that a sketch of their paths is enough.",
        "Our experiments demonstrate that two passes suffice for all of them.",
        "The new method outperforms all that came before it.",
        "In the end we also prove that $f(x) = 0. A$ has no root at all.",
        "我们的实验表明这种方法在所有数据集上都优于现有的方法，并且只需要很少的计算资源就可以完成训练和推理的过程。",
    ],
)
def test_the_sentence_that_announces_a_result_is_chosen(sentence: str) -> None:
    assert result_sentence(f"{PLAIN} We propose a sketch that is read only once. {sentence} Code is here.") == sentence


def test_without_a_result_it_is_what_was_done_and_without_that_the_beginning() -> None:
    deed = "We propose a sketch of their paths and nothing else."
    assert result_sentence(f"{PLAIN} {deed}") == deed
    assert result_sentence(f"{PLAIN} Nobody knows why that is so.") == PLAIN


def test_a_sentence_that_says_too_little_is_not_chosen() -> None:
    assert result_sentence(f"{PLAIN} Results show it.") == PLAIN


def test_nothing_has_no_result() -> None:
    assert result_sentence("") == ""
