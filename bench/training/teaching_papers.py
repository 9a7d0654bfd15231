"""Papers and queries that a student learns from its teachers on. Start at :func:`choose_papers`.

No paper that is judged in a development set is among them, nor any query of one, so that measures on these sets are of
papers that the student has not seen. Neighbours are chosen together: of a group of near papers the teachers know which
are nearest to a query, while any encoder can tell random ones apart.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.search.search_corpus import SHARED, read_jsonl, read_qrels, read_queries
from rerank.arrays import Float32s
from rerank.vectors.index import VectorIndex
from search.neural.texts import embedding_text

DEV_SETS = ("topics_dev", "autoscholar_dev", "related_lists_dev")
GROUP = 16  # a random paper and its neighbours
MIN_ABSTRACT = 200  # characters
SENTENCE = (40, 260)  # characters of a sentence that is used as a query


@dataclass(frozen=True, slots=True)
class TeachingPaper:
    """A paper, and queries that were made of it: keywords and the first sentence of its abstract."""

    paper_id: str
    title: str
    abstract: str
    queries: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text that the site embeds."""
        return embedding_text(self.title, self.abstract)


def choose_papers(n_papers: int, *, vectors: VectorIndex | None, seed: int = 0) -> list[TeachingPaper]:
    """Choose papers of the shared corpus in groups of neighbours, in random order.

    Parameters
    ----------
    vectors
        Of the shared papers, to find the neighbours by; None chooses single papers at random.
    """
    rng = np.random.default_rng(seed)
    judged = judged_papers()
    papers = [paper for paper in read_jsonl(SHARED / "papers.jsonl.gz") if _is_usable(paper, judged)]
    order = rng.permutation(len(papers))
    if vectors is None:
        return [_to_teaching(papers[row], rng) for row in order[:n_papers]]
    number_of = {str(paper["id"]): number for number, paper in enumerate(papers)}
    ids, rows = vectors.ids_of(np.arange(len(vectors.alive))), vectors.vectors[:]
    usable = np.array([number_of.get(key, -1) for key in ids], dtype=np.int64)  # (n_rows,) −1: not usable
    usable[~np.asarray(vectors.alive)] = -1
    row_of = {key: row for row, key in enumerate(ids) if vectors.alive[row]}
    chosen: dict[int, None] = {}
    for number in order:
        if len(chosen) >= n_papers:
            break
        row = row_of.get(str(papers[number]["id"]))
        if int(number) not in chosen and row is not None:
            chosen |= dict.fromkeys(_group(rows, row, usable, chosen))
    return [_to_teaching(papers[number], rng) for number in list(chosen)[:n_papers]]


def judged_papers() -> set[str]:
    """Ids of all papers that are judged, or are queries, in a development set."""
    judged: set[str] = set()
    for name in DEV_SETS:
        for query, grades in read_qrels(name).items():
            judged |= {query, *grades}
    return judged


def real_queries() -> list[str]:
    """The queries of the shared log, which has no judgements; those of development sets are left out."""
    excluded = {text.lower() for name in DEV_SETS for text in read_queries(name).values()}
    texts = (row["text"] for row in read_jsonl(SHARED / "queries_unjudged.jsonl.gz"))
    return [text for text in texts if text.lower() not in excluded]


def write_papers(path: Path, papers: Sequence[TeachingPaper]) -> None:
    """Write the chosen papers, so that a later run continues with the same ones."""
    part = path.with_name(f"{path.name}.part")
    with gzip.open(part, "wt", encoding="utf-8") as stream:
        for paper in papers:
            row = {"id": paper.paper_id, "title": paper.title, "abstract": paper.abstract, "queries": paper.queries}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    part.replace(path)


def read_papers(path: Path) -> list[TeachingPaper]:
    """Read papers that :func:`write_papers` wrote."""
    return [TeachingPaper(row["id"], row["title"], row["abstract"], tuple(row["queries"])) for row in read_jsonl(path)]


def _is_usable(paper: dict[str, Any], judged: set[str]) -> bool:
    return paper["id"] not in judged and bool(paper["title"]) and len(paper["abstract"] or "") >= MIN_ABSTRACT


def _group(vectors: Float32s, row: int, usable: Any, chosen: dict[int, None]) -> list[int]:
    """Numbers of a paper and its nearest papers that can be used and were not chosen yet."""
    cosines = vectors @ vectors[row]  # (n_rows,)
    near = np.argpartition(-cosines, 4 * GROUP)[: 4 * GROUP]
    numbers = [int(usable[other]) for other in near[np.argsort(-cosines[near])]]
    return [number for number in numbers if number >= 0 and number not in chosen][:GROUP]


def _to_teaching(paper: dict[str, Any], rng: np.random.Generator) -> TeachingPaper:
    words = paper.get("keywords") or []
    sample = rng.permutation(words)[: int(rng.integers(1, 4))].tolist() if words else []
    keywords = " ".join(sample).rsplit(":", 1)[-1].strip()
    first = paper["abstract"].split(". ", 1)[0].strip()
    sentence = first if SENTENCE[0] < len(first) < SENTENCE[1] else ""
    queries = tuple(query for query in (keywords, sentence) if query)
    return TeachingPaper(str(paper["id"]), paper["title"], paper["abstract"], queries)
