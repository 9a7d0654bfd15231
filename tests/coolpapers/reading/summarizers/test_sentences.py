from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.reading.markup.math.spans import split_math
from coolpapers.reading.summarizers.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        (
            "We follow Smith et al. (2020), e.g. Figure 2. It works.",
            ["We follow Smith et al. (2020), e.g. Figure 2.", "It works."],
        ),
        ("Version 2.5 is out. Use it.", ["Version 2.5 is out.", "Use it."]),
        ("By G. Hinton and others. Then more.", ["By G. Hinton and others.", "Then more."]),
        ("joined without blanks.The next one follows.", ["joined without blanks.", "The next one follows."]),
        ("第一句。第二句！Third one.", ["第一句。", "第二句！", "Third one."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("Let $x = 1. Y$ be so. Then\n done.", ["Let $x = 1. Y$ be so.", "Then done."]),
        ("A first paragraph\n\nand a second", ["A first paragraph", "and a second"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(st.lists(st.sampled_from(["$a. B$", "\\(x! Y\\)", "Word", "end.", "e.g.", "中文。", "\n\n", "$5"]), max_size=25))
def test_no_formula_is_cut_and_nothing_is_lost(parts: list[str]) -> None:
    text = " ".join(parts)
    sentences = split_sentences(text)
    formulas = [" ".join(piece.text.split()) for piece in split_math(text) if piece.kind == "math"]
    found = [" ".join(p.text.split()) for s in sentences for p in split_math(s) if p.kind == "math"]
    assert found == formulas or sum(map(found.count, set(formulas))) >= len(formulas)
    assert "".join("".join(sentences).split()) == "".join(text.split())
