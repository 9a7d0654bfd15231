from __future__ import annotations

from coolpapers.papers.names.stop_words import STOP_WORDS


def test_the_list_is_lower_case_words_without_subject() -> None:
    assert len(STOP_WORDS) > 300
    assert all(word.isalpha() and word.islower() for word in STOP_WORDS)
    assert {"the", "is", "you"} <= STOP_WORDS
    assert not {"attention", "neural", "method"} & STOP_WORDS
