from __future__ import annotations

import gzip
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.reading.markup.math.spans import split_math
from coolpapers.reading.summarizers.digest import Question, digest, rank
from coolpapers.reading.summarizers.sentences import split_sentences
from tests.shared_data import SHARED

ABSTRACT = (
    "Sorting networks are used in many devices. However, existing sorting networks remain slow for long lists. "
    "We propose a sorting network built from $O(n \\log n)$ comparators, e.g. The simplest ones. "
    "It uses a novel layer that compares neighbours twice. "
    "Experiments show that our sorting network sorts long lists 30% faster than existing ones. "
    "The code is available."
)


def test_each_question_is_answered_by_sentences_that_answer_it() -> None:
    answers = digest(title="Fast sorting networks for long lists", abstract=ABSTRACT).answers
    assert "remain slow for long lists." in answers[Question.PROBLEM][-1]
    assert any("We propose a sorting network" in sentence for sentence in answers[Question.METHOD])
    assert any("30% faster" in sentence for sentence in answers[Question.RESULT])


def test_sentences_come_unchanged_in_order_and_once() -> None:
    chosen = [one for part in digest(title="Sorting", abstract=ABSTRACT).answers.values() for one in part]
    sentences = split_sentences(ABSTRACT)
    assert set(chosen) <= set(sentences)
    assert len(chosen) == len(set(chosen))
    for part in digest(title="Sorting", abstract=ABSTRACT).answers.values():
        assert part == sorted(part, key=sentences.index)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_a_short_abstract_is_used_whole(n: int) -> None:
    sentences = ["First there is this.", "Then there is that.", "And that is all."][:n]
    answers = digest(title="T", abstract=" ".join(sentences)).answers
    assert sorted(one for part in answers.values() for one in part) == sorted(sentences)


def test_repetitions_are_left_out() -> None:
    again = (
        "We propose a sorting network built from neighbours. We propose a sorting network built from neighbours here. "
    )
    answers = digest(title="T", abstract=again + "It is slow. It is fast. It is small.").answers
    chosen = [one for part in answers.values() for one in part if "built from neighbours" in one]
    assert len(chosen) == 1


def test_the_full_text_adds_what_the_abstract_does_not_say() -> None:
    body = (
        "2 Method of Sorting\nTable 3 4.5 6.7 8.9.\n"
        "Sorting networks compare neighbours in rounds, and every round has the same number of comparators in it. "
        "Experiments show that our sorting network sorts long lists 30% faster than existing ones.\n"
        "References\nSorting networks and their applications are described at length by Batcher in this old paper.\n"
    )
    extra = digest(title="Sorting networks", abstract=ABSTRACT, full_text=body).from_full_text
    assert extra == [
        "Sorting networks compare neighbours in rounds, and every round has the same number of comparators in it."
    ]


def test_a_chinese_abstract_is_cut_and_ranked_too() -> None:
    abstract = (
        "排序网络应用广泛。然而现有的排序网络速度很慢。本文提出一种新的排序网络方法。实验结果表明该方法速度提升明显。"
    )
    answers = digest(title="一种新的排序网络", abstract=abstract).answers
    assert answers[Question.METHOD] == ["本文提出一种新的排序网络方法。"]
    assert answers[Question.RESULT] == ["实验结果表明该方法速度提升明显。"]


def test_scores_are_a_distribution_that_favours_the_centre_and_the_title() -> None:
    sentences = ["cats chase mice", "cats chase birds", "cats sleep", "stones lie about"]
    scores = rank(sentences, title="")
    assert sum(scores) == pytest.approx(1.0)
    assert scores[0] == scores[1] > scores[2]
    assert rank(sentences, title="stones")[3] > scores[3]


def test_scores_equal_a_plain_matrix_computation() -> None:
    # The same walk written out densely, as an oracle for the sparse one.
    sentences = ["red green blue", "green blue black", "black white", "white"]
    terms = [sentence.split() for sentence in sentences]
    vocabulary = sorted({term for one in terms for term in one})
    idf = {term: math.log(1 + 4 / sum(term in one for one in terms)) for term in vocabulary}
    vectors = [[one.count(term) * idf[term] for term in vocabulary] for one in terms]

    def cosine(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))

    similarity = [[cosine(a, b) for b in vectors] for a in vectors]
    walk = [[0.15 / 4 + 0.85 * value / sum(row) for value in row] for row in similarity]
    p = [0.25] * 4
    for _ in range(500):
        p = [sum(p[i] * walk[i][j] for i in range(4)) for j in range(4)]
    assert rank(sentences, title="") == pytest.approx(p, abs=1e-6)


@given(st.text(max_size=400), st.text(max_size=50))
def test_any_text_gives_a_digest_of_its_own_sentences(abstract: str, title: str) -> None:
    chosen = [one for part in digest(title=title, abstract=abstract).answers.values() for one in part]
    assert set(chosen) <= set(split_sentences(abstract))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not beside this checkout")
def test_formulas_of_real_abstracts_are_never_cut() -> None:
    with gzip.open(SHARED / "papers_small.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    with_math = [record for record in records if "$" in record["abstract"]][:200]
    for record in with_math:
        formulas = {" ".join(p.text.split()) for p in split_math(record["abstract"]) if p.kind == "math"}
        for part in digest(title=record["title"], abstract=record["abstract"]).answers.values():
            found = {p.text for sentence in part for p in split_math(sentence) if p.kind == "math"}
            assert found <= formulas
