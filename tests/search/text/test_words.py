from __future__ import annotations

import re

from search.text.words import FUNCTION_WORDS, GREEK_COMMANDS, LAYOUT_COMMANDS, STOP_WORDS


def test_lists_hold_lower_case_words() -> None:
    for word in (*FUNCTION_WORDS, *LAYOUT_COMMANDS):
        assert re.fullmatch(r"[a-z]+", word)


def test_subjects_of_titles_are_not_stop_words() -> None:
    assert not STOP_WORDS & {"attention", "need", "all-in-one", "learning", "network", "us-based", "use", "new"}


def test_every_greek_letter_with_a_command_has_it() -> None:
    assert len(GREEK_COMMANDS) == 23  # TeX has no omicron
    assert GREEK_COMMANDS["α"] == r"\alpha"
    assert GREEK_COMMANDS["λ"] == r"\lambda"
    assert GREEK_COMMANDS["ω"] == r"\omega"


def test_displayed_keywords_leave_out_function_words_but_no_subject() -> None:
    assert STOP_WORDS < FUNCTION_WORDS
    assert {"across", "say", "using", "via"} <= FUNCTION_WORDS
    subjects = {
        "attention",
        "need",
        "system",
        "fire",
        "mine",
        "mill",
        "interest",
        "computer",
        "detail",
        "present",
        "kind",
    }
    assert not FUNCTION_WORDS & subjects
