from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text.analysis import MAX_TOKEN_CHARS, lower
from search.text.compounds import (
    closed_forms,
    closed_pair,
    closed_readings,
    closed_stream,
    find_compounds,
    is_closed_form,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Multi-task pre-training", {"multitask", "pretrain"}),
        ("pre\u2011training, pre\u2010trained", {"pretrain"}),
        ("multi-task-learning", {"multitask", "tasklearn", "multitasklearn"}),
        ("state-of-the-art", {"stateoftheart"}),  # pairs with stop words have no closed form
        ("GPT-4 in 3-D (X-ray)", {"gpt4", "3d", "xray"}),
        ("co-opération", {"cooper"}),
        ("a-b-c-d-e-f", set()),
        ("2019-2020", set()),
        ("pages 3--7, a - b, left–right, x-", set()),
        ("深度-学习", set()),
        ("", set()),
    ],
)
def test_closed_forms_of_the_compounds_of_a_text(text: str, words: set[str]) -> None:
    assert set(closed_stream(text).split()) == words


def test_a_closed_form_has_its_offsets() -> None:
    (compound,) = find_compounds("the multi-task-learning")
    assert compound.start == 4
    assert {(form.folded, form.start, form.end) for form in compound.forms} == {
        ("multitasklearning", 0, 19),
        ("multitask", 0, 10),
        ("tasklearning", 6, 19),
    }


def test_a_word_of_a_query_is_read_with_each_compound_closed() -> None:
    readings = [[token.text for token in reading] for reading in closed_readings("multi-task-learning")]
    assert readings == [["multitasklearn"], ["multitask", "learn"], ["multi", "tasklearn"]]
    assert [[token.text for token in reading] for reading in closed_readings("pre\u2011training")] == [["pretrain"]]
    assert [[token.text for token in reading] for reading in closed_readings("(pre-training)/x")] == [["pretrain", "x"]]
    assert not closed_readings("pretraining")
    assert not closed_readings("naïve")


@pytest.mark.parametrize(("word", "is_form"), [("gpt4", True), ("2020", False), ("c++", False), ("a", False)])
def test_which_words_can_be_closed_forms(word: str, is_form: bool) -> None:
    assert is_closed_form(word) is is_form


@pytest.mark.parametrize(
    ("first", "second", "closed"),
    [
        ("data", "sets", "dataset"),
        ("Pre", "training", "pretrain"),
        ("the", "sets", None),
        ("multi-task", "learning", None),
        ("20", "30", None),
        ("深度", "学习", None),
        ("C++", "code", None),
    ],
)
def test_two_words_as_one(first: str, second: str, closed: str | None) -> None:
    token = closed_pair(first, second)
    assert (token.text if token else None) == closed


def test_overlong_words_have_no_closed_form() -> None:
    assert closed_forms(f"{'a' * MAX_TOKEN_CHARS}-b") == ()


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[a-zé0-9' ‑-]{0,30}", fullmatch=True)))
def test_closed_forms_are_within_the_text_and_have_no_spaces(text: str) -> None:
    lowered = lower(text)
    for compound in find_compounds(lowered):
        for form in compound.forms:
            assert 0 <= form.start < form.end <= len(lowered) - compound.start
            assert "-" in lowered[compound.start + form.start : compound.start + form.end]
            assert form.stemmed
            assert not any(char.isspace() for char in form.stemmed + form.folded)
