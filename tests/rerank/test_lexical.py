from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from rerank.errors import ShapeError
from rerank.lexical import K1, MAX_TERMS, B, LexicalIndex, build_lexical_index, words_of

TITLES = ["Graph neural networks", "Prime gaps", "Neural machine translation", "On graphs"]
TEXTS = [
    "We study graph networks and graph attention.",
    "Gaps between prime numbers.",
    "Translation with attention, attention and attention.",
    "",
]


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    return build_lexical_index(TITLES, TEXTS)


def bm25_by_hand(query: list[str], documents: list[list[str]]) -> list[float]:
    """The formula in plain Python, with dictionaries."""
    mean = sum(map(len, documents)) / len(documents)
    scores = []
    for document in documents:
        score = 0.0
        for word in query:
            df = sum(word in other for other in documents)
            if df:
                idf = math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))
                tf = document.count(word)
                score += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * len(document) / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize("query", ["graph attention", "prime", "neural neural translation", "nothing here"])
def test_bm25_is_the_formula(index: LexicalIndex, query: str) -> None:
    documents = [words_of(title) + words_of(text) for title, text in zip(TITLES, TEXTS, strict=True)]
    assert index.match(query).bm25 == pytest.approx(bm25_by_hand(words_of(query), documents), abs=1e-6)


def test_title_bm25_takes_its_idf_from_the_whole_paper(index: LexicalIndex) -> None:
    scores = index.match("graph").title_bm25
    assert scores[0] > 0
    assert scores[3] > scores[0]  # the shorter title
    assert scores[1] == scores[2] == 0


def test_coverage_is_the_idf_share_of_the_words_found(index: LexicalIndex) -> None:
    matches = index.match("graph attention")
    idf = {"graph": math.log(1 + 2.5 / 2.5), "attention": math.log(1 + 2.5 / 2.5)}
    assert matches.text_coverage == pytest.approx([1, 0, 0.5, 0.5])
    assert matches.title_coverage[0] == pytest.approx(idf["graph"] / sum(idf.values()))


def test_chosen_rows_are_the_same_as_all_rows(index: LexicalIndex) -> None:
    rows = np.array([2, 0])
    everything, some = index.match("neural attention"), index.match("neural attention", rows)
    assert np.array_equal(everything.bm25[rows], some.bm25)
    assert np.array_equal(everything.text_coverage[rows], some.text_coverage)


def test_the_top_holds_only_matches(index: LexicalIndex) -> None:
    assert index.top("prime gaps", depth=3).tolist() == [1]
    assert index.top("", depth=3).tolist() == []


def test_a_long_query_keeps_its_rarest_terms() -> None:
    words = [f"word{number}" for number in range(MAX_TERMS + 20)]
    texts = [" ".join(words[: number + 1]) for number in range(len(words))]
    index = build_lexical_index([""] * len(words), texts)
    matches = index.match(" ".join(words))
    alone = index.match(" ".join(words[-MAX_TERMS:]))
    assert matches.bm25 == pytest.approx(alone.bm25)


def test_it_is_the_same_after_saving(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    again = LexicalIndex.load(tmp_path)
    assert np.array_equal(again.match("graph attention").bm25, index.match("graph attention").bm25)


def test_an_empty_index_answers_nothing() -> None:
    empty = build_lexical_index([], [])
    assert empty.match("graph").bm25.tolist() == []
    assert empty.top("graph", depth=3).tolist() == []


def test_titles_without_texts_are_refused() -> None:
    with pytest.raises(ShapeError, match="2 titles and 1 texts"):
        build_lexical_index(["a", "b"], ["one"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Díaz’s Xenon", ["diaz", "s", "xenon"]),
        ("classes studies bus gas graphs series", ["classe", "study", "bus", "gas", "graph", "sery"]),
        ("GPT-4 X(3872)", ["gpt", "4", "x", "3872"]),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert words_of(text) == words
