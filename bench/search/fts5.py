"""SQLite FTS5 in its usual configuration: the baseline of ``bench_search`` and ``bench_known_item``."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from search.engines.documents import Document

WEIGHTS = "0, 3.0, 1.0, 0.5"  # key (not indexed), title, abstract, authors


class Fts5:
    """Title, abstract and authors in an FTS5 table, stemmed and without accents, ranked by its own BM25."""

    def __init__(self, path: Path, papers: Iterable[Document]) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.execute(
            "CREATE VIRTUAL TABLE papers USING fts5(key UNINDEXED, title, abstract, authors, year UNINDEXED, "
            "tokenize='porter unicode61 remove_diacritics 2')"
        )
        rows = ((p["key"], p["title"], p["abstract"], " ".join(p["authors"]), p["year"]) for p in papers)
        self.connection.executemany("INSERT INTO papers VALUES (?, ?, ?, ?, ?)", rows)
        self.connection.commit()

    def search(self, match: str, *, top_k: int, year: tuple[int, int] | None = None) -> list[tuple[str, str]]:
        """Key and highlighted title of the best hits of an FTS5 expression."""
        in_years = f"AND year BETWEEN {year[0]} AND {year[1]}" if year else ""
        return self.connection.execute(
            f"SELECT key, highlight(papers, 1, '<mark>', '</mark>') FROM papers WHERE papers MATCH ? {in_years} "
            f"ORDER BY bm25(papers, {WEIGHTS}) LIMIT ?",
            (match, top_k),
        ).fetchall()


def words_expression(text: str, operator: str) -> str:
    """FTS5 expression of the words of a text, joined by AND or OR."""
    words = re.findall(r"\w+", text)
    return f" {operator} ".join(f'"{word}"' for word in words)
