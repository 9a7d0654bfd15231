"""A test collection by hand: five documents, three queries, one of them a paper."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

CORPUS = [
    {"_id": "d1", "title": "A car on the road", "text": "Cars are driven."},
    {"_id": "d2", "title": "An automobile", "text": ""},
    {"_id": "d3", "title": "Trees in the forest", "text": "Oaks and others."},
    {"_id": "d4", "title": "Feline habits", "text": "A cat sleeps."},
    {"_id": "d5", "title": "Car and cat", "text": ""},
]
QUERIES = [
    {"_id": "q1", "text": "car road", "metadata": {}},
    {"_id": "q2", "text": "feline"},
    {"_id": "unjudged", "text": "sea"},
]
RELATED = [{"_id": "d1", "text": "A car on the road", "metadata": {"paper_id": "d1"}}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq1\td3\t0\nq2\td4\t1\n"
QRELS_RELATED = "query-id\tcorpus-id\tscore\nd1\td5\t1\nd1\td2\t1\n"


def write_collection(folder: Path, *, with_corpus: bool = True, is_zipped: bool = True) -> Path:
    """The collection as files, gzipped or not."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "queries.jsonl": _lines(QUERIES),
        "qrels.tsv": QRELS,
        "queries_related.jsonl": _lines(RELATED),
        "qrels_related.tsv": QRELS_RELATED,
    }
    if with_corpus:
        files["corpus.jsonl"] = _lines(CORPUS)
    for name, text in files.items():
        if is_zipped:
            (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
        else:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def _lines(rows: Sequence[object]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)
