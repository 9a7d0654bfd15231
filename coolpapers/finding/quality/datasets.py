"""Retrieval test collections in the layout of BEIR. Start at :func:`read_dataset`.

A folder has ``queries.jsonl`` ({"_id", "text", "metadata"}), ``qrels.tsv`` (a header line, then query-id, corpus-id,
score) and, if the collection has its own documents, ``corpus.jsonl`` ({"_id", "title", "text"}). Each file may be
gzipped (``.gz``). A further set of queries has a suffix: ``queries_related.jsonl.gz`` with ``qrels_related.tsv.gz``.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.errors import DatasetBroken


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query. If ``paper_id`` is set, the query asks for papers related to that paper."""

    query_id: str
    text: str
    paper_id: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a collection."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Judged queries, and the documents of the collection; None means the papers of the site."""

    name: str
    queries: tuple[JudgedQuery, ...]
    qrels: Mapping[str, Mapping[str, float]]
    corpus: tuple[Entry, ...] | None


def read_dataset(folder: Path, *, split: str = "", limit: int | None = None) -> Dataset:
    """The judged queries of a folder, in file order.

    Parameters
    ----------
    split : suffix of a further set of queries; "" for the main set
    limit : the largest number of queries to read

    Raises
    ------
    DatasetBroken
        If a file is missing or a line is malformed. The message has file and line.
    """
    suffix = f"_{split}" if split else ""
    qrels = _read_qrels(_find(folder, f"qrels{suffix}.tsv"))
    queries = (_query(*row) for row in _rows(_find(folder, f"queries{suffix}.jsonl")))
    judged = tuple(query for query in queries if query.query_id in qrels)[:limit]
    corpus = _find(folder, "corpus.jsonl", is_needed=False)
    entries = tuple(_entry(*row) for row in _rows(corpus)) if corpus else None
    judgments = {query.query_id: qrels[query.query_id] for query in judged}
    if not judgments:
        raise DatasetBroken(f"{folder} has no query with judgments.")
    return Dataset(folder.resolve().name, judged, judgments, entries)


def _find(folder: Path, name: str, *, is_needed: bool = True) -> Path | None:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    if is_needed:
        raise DatasetBroken(f"{folder} has no {name} (nor {name}.gz).")
    return None


def _lines(path: Path) -> Iterator[str]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8") as stream:
                yield from stream
        else:
            with path.open(encoding="utf-8") as stream:
                yield from stream
    except (OSError, EOFError, UnicodeDecodeError) as exc:
        raise DatasetBroken(f"{path} cannot be read: {exc}") from exc


def _rows(path: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Location and content of each non-empty line of JSON."""
    if path is None:
        return
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as exc:
            raise DatasetBroken(f"{place}: not JSON ({exc}).") from exc
        if not isinstance(row, dict) or "_id" not in row:
            raise DatasetBroken(f"{place}: no “_id”.")
        yield place, row


def _query(place: str, row: Mapping[str, Any]) -> JudgedQuery:
    metadata = row.get("metadata") or {}
    if not isinstance(row.get("text"), str) or not isinstance(metadata, dict):
        raise DatasetBroken(f"{place}: a query needs “text”, and “metadata” has to be an object.")
    return JudgedQuery(str(row["_id"]), row["text"], str(metadata.get("paper_id") or ""))


def _entry(_place: str, row: Mapping[str, Any]) -> Entry:
    return Entry(str(row["_id"]), str(row.get("title") or ""), str(row.get("text") or ""))


def _read_qrels(path: Path | None) -> dict[str, dict[str, float]]:
    qrels: dict[str, dict[str, float]] = {}
    for number, line in enumerate(_lines(path) if path else (), start=1):
        if number == 1 or not line.strip():
            continue
        try:
            query_id, doc_id, grade = line.rstrip("\n").split("\t")
            qrels.setdefault(query_id, {})[doc_id] = float(grade)
        except ValueError as exc:
            raise DatasetBroken(
                f"{path}, line {number}: not “query-id, corpus-id, number”, separated by tabs."
            ) from exc
    return qrels
