"""The shared papers and judged queries, as the benches read them."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from search.engines.documents import Document, bare_document

SHARED = Path(os.environ.get("COOLPAPERS_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))

PAPERS_AS_QUERIES = {"related_lists_dev"}  # the query is a paper
JUDGED_ONLY = {"scirepeval_search"}  # only the ten papers that were shown for a query are ranked

Qrels = dict[str, dict[str, float]]


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_papers(path: Path | None = None) -> Iterator[Document]:
    """The main corpus as documents; venues have the names of the file."""
    for record in read_jsonl(path or SHARED / "papers.jsonl.gz"):
        day = _read_day(record.get("date"))
        venue = record.get("venue") or ""
        yield {
            "key": record["id"],
            "title": record["title"],
            "abstract": record["abstract"],
            "authors": record.get("authors") or [],
            "comment": record.get("comment") or "",
            "journal": "",
            "venue": venue,
            "venue_facet": "" if venue == "arXiv" else venue,
            "categories": record.get("categories") or [],
            "year": record["year"],
            "date": day,
            "updated": day,
            "doi": (record.get("doi") or "").lower(),
            "idents": [record["id"].lower()],
            "affiliations": [],
            "report_numbers": [],
            "flags": ["pdf"],
        }


def read_corpus(name: str) -> Iterator[Document]:
    """The corpus of a judged set; the main corpus if the set has none."""
    path = SHARED / "eval" / name / "corpus.jsonl.gz"
    if not path.is_file():
        yield from read_papers()
        return
    for record in read_jsonl(path):
        yield bare_document(record["_id"], title=record["title"], abstract=record["text"])


def read_queries(name: str, *, kind: str = "") -> dict[str, str]:
    """Query id → text; ``kind`` is the suffix of another file of the set, such as ``_related`` or ``_train``."""
    path = SHARED / "eval" / name / f"queries{kind}.jsonl.gz"
    return {record["_id"]: record["text"] for record in read_jsonl(path)}


def read_qrels(name: str, *, kind: str = "") -> Qrels:
    """Query id → document id → relevance; ``kind`` as in :func:`read_queries`."""
    qrels: Qrels = {}
    with gzip.open(SHARED / "eval" / name / f"qrels{kind}.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            query, document, relevance = line.rstrip("\n").split("\t")
            qrels.setdefault(query, {})[document] = float(relevance)
    return qrels


def _read_day(text: str | None) -> int:
    try:
        return date.fromisoformat(text or "").toordinal()
    except ValueError:
        return 0
