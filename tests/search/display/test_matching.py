from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.display.matching import make_matcher
from search.language.parser import parse_leniently, parse_query


def shown(query: str, text: str, field: str = "abstract") -> list[str]:
    return [text[span.start : span.end] for span in make_matcher(parse_query(query).root, field).find(text)]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("training", "We train; training was Trained.", ["train", "training", "Trained"]),
        ("Schrodinger", "The Schrödinger equation", ["Schrödinger"]),
        ("Schrödinger", "The Schrodinger equation", ["Schrodinger"]),
        ("transf*", "transfer, a Transformer, trans", ["transfer", "Transformer"]),
        ("transfomer~", "the transformer transforms", ["transformer"]),
        ("atention~2", "attention", ["attention"]),
        ('"language model"', "language models model a language", ["language models"]),
        ('"state of the art"', "the state of the art", ["state of the art"]),
        ("non-invasive", "a non-invasive, invasive method", ["non-invasive", "invasive"]),
        ("k-means", "k is the number of k-means", ["k-means"]),
        ("C++", "in C++, not C", ["C++"]),
        ("graph -molecule", "graph of a molecule", ["graph"]),
        ("graph OR molecule", "graph of a molecule", ["graph", "molecule"]),
        ("X(3872)", "the state X(3872)", ["X(3872)"]),
        ("attention is all you need", "you need attention, all of it", ["need", "attention"]),
        ("the who", "The Who were the band", ["The", "Who", "the"]),  # nothing but stop words asked
        ("year:2024 cat:cs.CL has:code", "2024 cs.CL code", []),
        ("G. Hinton", "Hinton and G", ["Hinton"]),
        ("au:Hinton", "Hinton", []),
        ("ti:graph", "graph", []),
        ("abs:graph", "graph", ["graph"]),
        ("注意力机制", "基于注意力机制的模型", ["注意力机制"]),
        ("注意", "基于注意力机制", ["注意"]),
        ("注", "全神贯注，注意", ["注", "注"]),
        ("d'Alembert", "Alembert", ["Alembert"]),
        ("multitask", "multi-task, Multi‑tasking and multitask, a task", ["multi-task", "Multi‑tasking", "multitask"]),
        ("multi-task", "multi-task and Multitask", ["multi-task", "Multitask"]),
        ("pretra*", "a pre-trained model", ["pre-trained"]),
        ("multi-ta*", "multitasking", ["multitasking"]),
        ("data set", "A dataset, a data set", ["dataset", "data", "set"]),
        ("data graph set", "A dataset", []),
        ("stateoftheart", "state-of-the-art results", ["state-of-the-art"]),
        ("ภาษา", "การประมวลผลภาษาไทย", ["ภาษา"]),
        ("ที่", "คนที่นี่", ["ที่"]),
    ],
)
def test_a_query_highlights_its_words_in_an_abstract(query: str, text: str, expected: list[str]) -> None:
    assert shown(query, text) == expected


def test_a_field_highlights_only_words_of_its_own() -> None:
    assert shown("ti:graph abs:network all:neural", "graph network neural", "title") == ["graph", "neural"]


def test_words_are_numbered_in_the_order_of_the_query() -> None:
    matcher = make_matcher(parse_query("graph neural").root, "title")
    assert [span.word for span in matcher.find("neural graph neural")] == [1, 0, 1]


def test_a_matcher_without_words_is_false() -> None:
    assert not make_matcher(parse_query("cat:cs.CL").root, "title")
    assert make_matcher(parse_query("graph").root, "title")


@given(st.text(max_size=30), st.text(max_size=60))
def test_spans_are_in_order_and_inside_the_text(query: str, text: str) -> None:
    spans = make_matcher(parse_leniently(query).root, "abstract").find(text)
    ends = [0, *(span.end for span in spans)]
    assert all(end <= span.start < span.end <= len(text) for end, span in zip(ends, spans))


def test_texts_of_new_words_do_not_fill_the_memory() -> None:
    """As crawlers ask for them: each text has words of its own, compounds and Chinese among them."""

    def highlight(numbers: range) -> None:
        for n in numbers:
            words = " ".join(f"w{n}x{i} left{n}y{i}-right{n}y{i}" for i in range(100))
            text = f"Common {words} 基于注意力机制的模型{n}，" + "深度学习" * 20 + f"{n} pretraining"
            spans = make_matcher(parse_query("common pre-training").root, "abstract").find(text)
            assert [text[span.start : span.end] for span in spans] == ["Common", "pretraining"]

    n_blocks = []  # of memory, after each 100 texts, which have some 200,000 of their own
    for first in range(0, 500, 100):
        n_blocks.append(sys.getallocatedblocks())
        highlight(range(first, first + 100))
    assert max(n_blocks) - n_blocks[0] < 250_000


def test_matches_stay_right_when_the_cache_of_runs_begins_anew() -> None:
    matcher = make_matcher(parse_query("common").root, "abstract")
    for n in range(700):
        text = " ".join(f"v{n}x{i}" for i in range(100)) + " commons"
        assert [text[span.start : span.end] for span in matcher.find(text)] == ["commons"]
