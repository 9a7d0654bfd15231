from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.api.errors import BadParameter
from coolpapers.api.resources.cursors import read_cursor, write_cursor

KINDS = {"at": int, "key": str}


@given(at=st.integers(0, 10**9), key=st.text(max_size=40), question=st.text(max_size=20))
def test_a_cursor_is_read_back(at: int, key: str, question: str) -> None:
    text = write_cursor({"at": at, "key": key}, question=question)
    assert text.isascii()
    assert not set(text) & set("+/=&?# ")
    assert read_cursor(text, question=question, kinds=KINDS) == {"at": at, "key": key}


@given(text=st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadParameter):
        read_cursor(text, question="q", kinds=KINDS)


def test_another_question_and_other_values_are_refused() -> None:
    text = write_cursor({"at": 3, "key": "a"}, question="q")
    with pytest.raises(BadParameter, match="another request"):
        read_cursor(text, question="other", kinds=KINDS)
    with pytest.raises(BadParameter, match="Invalid cursor"):
        read_cursor(text, question="q", kinds={"at": str})
    with pytest.raises(BadParameter, match="Invalid cursor"):
        read_cursor(write_cursor({"at": True}, question="q"), question="q", kinds={"at": int})
