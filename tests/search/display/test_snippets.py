from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coolpapers.reading.markup.math.spans import split_math
from search.display.matching import make_matcher
from search.display.snippets import LEAD_SHARE, _Atoms, _best_start, _fragment, _read_words, best_fragment
from search.language.parser import parse_query
from search.language.query import Term

FILLER = "Lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor. " * 6


def fragment(query: str, text: str, length: int = 120) -> str:
    start, end = best_fragment(
        text, make_matcher(parse_query(query).root, "abstract"), split_math=split_math, length=length
    )
    return text[start:end]


def test_a_short_text_is_shown_whole() -> None:
    assert fragment("graph", "A graph.") == "A graph."


def test_a_text_without_the_words_is_shown_from_its_beginning() -> None:
    assert FILLER.startswith(fragment("graph", FILLER))
    assert 100 <= len(fragment("graph", FILLER)) <= 120


def test_different_words_count_more_than_repetitions() -> None:
    text = f"{FILLER} graph graph graph graph. {FILLER} graph neural networks. {FILLER}"
    assert "graph neural networks." in fragment("graph neural networks", text)


def test_a_snippet_begins_with_the_sentence_if_it_fits() -> None:
    text = f"{FILLER}We use a graph of words. {FILLER}"
    assert fragment("graph", text).startswith("We use a graph")


def test_a_snippet_has_words_before_the_first_match() -> None:
    text = "word " * 100 + "graph " + "word " * 100
    assert fragment("graph", text).split().index("graph") == 4


def test_room_at_the_end_is_filled_from_before() -> None:
    text = FILLER + "Then came the graph."
    assert fragment("graph", text).endswith("Then came the graph.")
    assert len(fragment("graph", text)) > 100


@pytest.mark.parametrize("formula", ["$a + b + c$", r"\(a + b + c\)", r"\[ a + b + c \]", "$$ a + b + c $$"])
def test_a_formula_is_whole_or_left_out(formula: str) -> None:
    text = " ".join(f"word{n} {formula}" for n in range(60))
    for length in range(40, 90):
        cut = fragment("word30", text, length)
        assert cut.count("a + b + c") == cut.count(formula)
        assert "word30" in cut


def test_text_in_braces_is_not_cut() -> None:
    text = " ".join([r"\emph{one two three four}"] * 30) + " graph"
    cut = fragment("graph", text)
    assert cut.startswith(r"\emph{")
    assert cut.count("{") == cut.count("}")


def test_an_unmatched_brace_groups_nothing() -> None:
    assert len(fragment("graph", "{" + FILLER + "graph " + FILLER)) <= 120


def test_chinese_is_cut_between_characters() -> None:
    text = "基于深度学习的方法研究。" * 30 + "注意力机制" + "基于深度学习的方法研究。" * 30
    cut = fragment("注意力机制", text, 60)
    assert "注意力机制" in cut
    assert len(cut) <= 60


def test_a_script_without_blanks_is_cut_between_its_characters() -> None:
    text = "ขั้นตอนวิธีที่ดี" * 30 + "ภาษาไทย" + "ขั้นตอนวิธีที่ดี" * 30
    cut = fragment("ภาษาไทย", text, 60)
    assert "ภาษาไทย" in cut
    assert len(cut) <= 60
    assert unicodedata.category(cut[0]) == "Lo"  # no mark without its letter
    assert unicodedata.category(text[text.index(cut) + len(cut)]) == "Lo"


@settings(max_examples=200)
@given(st.text(alphabet="ab {}$\\()[]。字\n.", max_size=120), st.integers(1, 60))
def test_no_formula_is_ever_cut(text: str, length: int) -> None:
    start, end = best_fragment(
        text, make_matcher(parse_query("ab a b").root, "abstract"), split_math=split_math, length=length
    )
    assert 0 <= start <= end <= len(text)
    for piece in split_math(text):
        if piece.kind == "math":
            assert not piece.start < start < piece.end
            assert not piece.start < end < piece.end


def test_of_plain_text_only_words_near_the_match_are_read_and_the_fragment_is_the_same() -> None:
    rng = random.Random(4)
    for _ in range(400):
        words = ["graph" if rng.random() < 0.02 else "x" * rng.choice([1, 3, 8, 40, 400]) for _ in range(90)]
        text = "".join(word + rng.choice([" ", " ", ". ", "\n", "  "]) for word in words)
        length = rng.choice([30, 120, 300])
        matcher = make_matcher(Term("graph"), "abstract")
        lead = int(length * LEAD_SHARE)
        atoms = _Atoms()
        _read_words(atoms, text, 0)
        expected = _fragment(text, atoms, _best_start(matcher.find(text), length - lead), length, lead)
        assert best_fragment(text, matcher, split_math=split_math, length=length) == expected
