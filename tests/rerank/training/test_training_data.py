from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rerank.artifacts import content_hash
from rerank.errors import TrainingDataError
from rerank.training.training_data import (
    FAR,
    HARD,
    N_FOLDS,
    OWN,
    GradedList,
    Paper,
    data_hash,
    fold_of,
    lists_from_papers,
    mixed_batches,
    read_lists,
    read_papers,
    sample_query,
)

TOPICS = ("graph networks", "prime numbers", "speech translation", "quantum fields")


def make_papers(n: int = 40) -> list[Paper]:
    return [
        Paper(f"p{row}", f"Paper {row} studies {TOPICS[row % 4]} thoroughly", f"About {TOPICS[row % 4]}, number{row}.")
        for row in range(n)
    ]


def write_lines(
    path: Path,
    rows: Sequence[object],
) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_pairs_and_lists_are_read_alike(tmp_path: Path) -> None:
    rows = [{"a": "q", "b": "t", "score": 3}, {"query": "q", "texts": ["x", "y"], "labels": [1, 0]}]
    assert read_lists(write_lines(tmp_path / "data.jsonl", rows)) == [
        GradedList("q", ("t",), (3.0,)),
        GradedList("q", ("x", "y"), (1.0, 0.0)),
    ]


def test_a_list_may_be_repeated_and_leave_texts_out(tmp_path: Path) -> None:
    row = {"query": "q", "texts": ["x"], "labels": [2], "repeat": 3, "without": [content_hash("near").hex()]}
    item = GradedList("q", ("x",), (2.0,), frozenset({content_hash("near")}))
    assert read_lists(write_lines(tmp_path / "data.jsonl", [row])) == [item] * 3
    assert data_hash([item]) != data_hash([GradedList("q", ("x",), (2.0,))])


def test_one_label_is_enough_where_texts_of_other_lists_are_far() -> None:
    lists = [GradedList(f"q{row}", ("x",), (2.0,)) for row in range(8)]
    rng = np.random.default_rng(0)
    assert [len(batch) for batch in mixed_batches(lists, size=4, rng=rng, in_batch=True)] == [4, 4]
    with pytest.raises(TrainingDataError, match="no order"):
        mixed_batches(lists, size=4, rng=rng)


def test_gzip_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": "q", "b": "t", "score": 1}\n\n'))
    assert len(read_lists(path)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"a": "q"}',
        '{"query": "q", "texts": ["x"], "labels": [1, 2]}',
        '{"a": "q", "b": "t", "score": "NaN"}',
        '{"a": "q", "b": "t", "score": 1, "repeat": 0}',
        '{"query": "q", "texts": ["x"], "labels": [1], "without": ["no hash"]}',
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"a": "q", "b": "t", "score": 1}\n' + line + "\n")
    with pytest.raises(TrainingDataError, match="line 2") as caught:
        read_lists(path)
    assert caught.value.line == 2


def test_an_empty_or_truncated_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(TrainingDataError, match="no training data"):
        read_lists(tmp_path / "empty.jsonl")
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(b'{"a": "q", "b": "t", "score": 1}\n' * 999)[:-20])
    with pytest.raises(TrainingDataError, match="cannot be read"):
        read_lists(cut)


def test_papers_without_abstract_are_left_out(tmp_path: Path) -> None:
    rows = [{"id": "a", "title": "T", "abstract": "A"}, {"id": "b", "title": "T", "abstract": None}]
    assert [paper.paper_id for paper in read_papers(write_lines(tmp_path / "p.jsonl", rows))] == ["a"]


def test_folds_are_about_even() -> None:
    counts = Counter(fold_of(f"arxiv:{number}") for number in range(5000))
    assert set(counts) == set(range(N_FOLDS))
    assert max(counts.values()) < 1.4 * min(counts.values())


def test_lists_grade_own_above_neighbour_above_random() -> None:
    papers = make_papers(400)
    lists = lists_from_papers(papers, n_lists=30, rng=np.random.default_rng(0))
    assert len(lists) == 30
    for item in lists:
        assert item.labels[0] == OWN
        assert item.labels.count(HARD) == 3
        assert FAR in item.labels
        assert len(set(item.texts)) == len(item.texts)
    own = [item for item in lists if item.query in item.texts[0]]
    assert 0 < len(own) < len(lists)  # some own texts come without their title


def test_hard_negatives_are_neighbours() -> None:
    papers = make_papers(400)
    lists = lists_from_papers(papers, n_lists=40, rng=np.random.default_rng(1))
    hard_topic = far_topic = 0
    for item in lists:
        topic = next(topic for topic in TOPICS if topic in item.texts[0])
        hard_topic += sum(topic in text for text, label in zip(item.texts, item.labels, strict=True) if label == HARD)
        far_topic += sum(topic in text for text, label in zip(item.texts, item.labels, strict=True) if label == FAR)
    assert hard_topic > 2 * far_topic


def test_neighbours_by_vector_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rerank.training.training_data.HARD_DEPTH", 1)
    papers = make_papers()
    vectors = np.zeros((40, 20), dtype=np.float32)
    vectors[np.arange(40), np.arange(40) // 2] = 1  # 0 and 1 are twins, 2 and 3, ...
    lists = lists_from_papers(papers, n_lists=40, rng=np.random.default_rng(2), vectors=vectors)
    twins = 0
    for item in lists:
        own = next(row for row in range(40) if f"number{row}." in item.texts[0])
        twins += any(f"number{own ^ 1}." in text for text in item.texts[1:4])
    assert twins > 30


def test_the_same_seed_makes_the_same_lists() -> None:
    first = lists_from_papers(make_papers(), n_lists=9, rng=np.random.default_rng(3))
    again = lists_from_papers(make_papers(), n_lists=9, rng=np.random.default_rng(3))
    assert data_hash(first) == data_hash(again)
    assert data_hash(first) != data_hash(first[:-1])


def test_too_few_papers_are_refused() -> None:
    with pytest.raises(TrainingDataError, match="too few"):
        lists_from_papers(make_papers(5), n_lists=2, rng=np.random.default_rng(0))


def test_queries_are_titles_or_spans_of_them() -> None:
    rng = np.random.default_rng(4)
    title = "Learning to rank scientific papers with a cross encoder"
    queries = {sample_query(title, rng=rng) for _ in range(100)}
    assert title in queries
    assert len(queries) > 5
    assert all(query in title for query in queries)


def test_labels_are_mixed_in_every_batch() -> None:
    pairs = [GradedList("q", (f"t{row}",), (float(row % 10 == 0),)) for row in range(200)]
    batches = mixed_batches(pairs, size=20, rng=np.random.default_rng(5))
    assert sum(map(len, batches)) == 200
    assert all({item.labels[0] for item in batch} == {0.0, 1.0} for batch in batches)


def test_lists_of_equal_labels_are_refused() -> None:
    with pytest.raises(TrainingDataError, match="no order"):
        mixed_batches([GradedList("q", ("t",), (1.0,))] * 4, size=2, rng=np.random.default_rng(0))
