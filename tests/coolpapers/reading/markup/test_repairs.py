"""What is mended before anything is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.reading.markup.repairs import mend_text


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("\x07lpha \x08eta \x0barphi \x0crac", r"\alpha \beta \varphi \frac"),
        ("\text{a} \textbf{b} \theta", r"\text{a} \textbf{b} \theta"),
        ("\tilde{x} \times \triangle \tfrac", r"\tilde{x} \times \triangle \tfrac"),
        (
            "26$ imes$ $ extit{a}$ $ ightarrow$ $ times$ $x$ ext",
            r"26$\times$ $\textit{a}$ $\rightarrow$ $ times$ $x$ ext",
        ),
        ("$\tau_1$ $\to$ a\to b", "$\\tau_1$ $\\to$ a\to b"),
        ("a\tb \textra \tother", "a\tb \textra \tother"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x00b\ud800c", "a\ufffdb\ufffdc"),
        ("a\x01b\x1fc\x7fd", "abcd"),
        ("a\x0c b\x0b", "a  b "),
        ("\ufeffa\ufeffb", "a\ufeffb"),
        ("a\x08", "a"),
    ],
)
def test_lost_backslashes_come_back_and_bad_characters_go(text: str, mended: str) -> None:
    assert mend_text(text) == mended


@given(st.text(st.characters(min_codepoint=37, exclude_characters="\x7f\ufeff", exclude_categories=["Cs", "Cn"])))
def test_ordinary_text_is_untouched(text: str) -> None:
    assert mend_text(text) == text


@given(st.text(st.characters()))
def test_mended_text_stays_and_can_be_written_as_utf8(text: str) -> None:
    mended = mend_text(text)
    assert mend_text(mended).encode("utf-8") == mended.removeprefix("\ufeff").encode("utf-8")
