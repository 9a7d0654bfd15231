from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from coolpapers.finding.quality.datasets import Entry, JudgedQuery, read_dataset
from search.errors import DatasetBroken
from tests.coolpapers.finding.quality.collections import QRELS, write_collection


@pytest.mark.parametrize("is_zipped", [True, False])
def test_a_collection_is_read_with_its_documents(tmp_path: Path, is_zipped: bool) -> None:
    dataset = read_dataset(write_collection(tmp_path / "tiny", is_zipped=is_zipped))
    assert dataset.name == "tiny"
    assert dataset.queries == (JudgedQuery("q1", "car road"), JudgedQuery("q2", "feline"))  # only what is judged
    assert dataset.qrels == {"q1": {"d1": 2.0, "d2": 1.0, "d3": 0.0}, "q2": {"d4": 1.0}}
    assert dataset.corpus is not None
    assert dataset.corpus[1] == Entry("d2", "An automobile", "")


def test_a_further_set_of_queries(tmp_path: Path) -> None:
    dataset = read_dataset(write_collection(tmp_path), split="related")
    assert dataset.queries == (JudgedQuery("d1", "A car on the road", "d1"),)


def test_a_limit_takes_the_first_queries(tmp_path: Path) -> None:
    dataset = read_dataset(write_collection(tmp_path), limit=1)
    assert list(dataset.qrels) == ["q1"]


def test_without_documents_of_its_own(tmp_path: Path) -> None:
    assert read_dataset(write_collection(tmp_path, with_corpus=False)).corpus is None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("queries.jsonl", '{"_id": "q1", "text": "a"}\n{"_id": ', "queries.jsonl, line 2: not JSON"),
        ("queries.jsonl", '{"text": "a"}\n', "line 1: no “_id”"),
        ("queries.jsonl", '["q1"]\n', "line 1: no “_id”"),
        ("queries.jsonl", '{"_id": "q1"}\n', "line 1: a query needs “text”"),
        ("queries.jsonl", '{"_id": "other", "text": "a"}\n', "no query with judgments"),
        ("qrels.tsv", QRELS + "q2 d4 1\n", "qrels.tsv, line 6"),
        ("qrels.tsv", QRELS + "q2\td4\tmuch\n", "qrels.tsv, line 6"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    write_collection(tmp_path, is_zipped=False)
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DatasetBroken, match=message):
        read_dataset(tmp_path)


@pytest.mark.parametrize("name", ["queries.jsonl.gz", "qrels.tsv.gz"])
def test_a_missing_or_truncated_file_is_named(tmp_path: Path, name: str) -> None:
    write_collection(tmp_path)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetBroken, match=name):
        read_dataset(tmp_path)
    (tmp_path / name).write_bytes(gzip.compress(b"\xff\xfe broken"))
    with pytest.raises(DatasetBroken, match=name):
        read_dataset(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(DatasetBroken, match=f"has no {name.removesuffix('.gz')}"):
        read_dataset(tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatasetBroken, match="absent"):
        read_dataset(tmp_path / "absent")
