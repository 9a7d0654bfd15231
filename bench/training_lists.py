"""Graded lists to train the encoder and the cross-encoder on, from the development data.

    python -m bench.training_lists --out lists.jsonl.gz

Only training parts are read, and queries that a development set asks too are left out. Of every list the papers that
belong to the query are graded 2 (1.5 and 1 where reading lists say "sibling section" and "same list") and papers that
BM25 finds for it 1: they are near, nobody said whether they belong. Texts of other lists count as 0 when a batch
compares them (``--in-batch``). Prints how many lists of each kind there are, and the hash of the data.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rerank.lexical import LexicalIndex, build_lexical_index
from rerank.recipes import FAR, HARD, OWN, GradedList, data_hash

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
DEV_SETS = ("topics_dev", "autoscholar_dev")
LIST_LABELS = {3.0: 2.0, 2.0: 1.5, 1.0: 1.0, 0.0: 0.0}  # paper_lists_train: section, sibling section, list, other
N_DEV = 200
DEPTH = 60  # BM25's papers from which the hard ones are drawn


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts by id, and BM25 over them."""

    ids: list[str]
    titles: list[str]
    texts: list[str]
    index: LexicalIndex

    def text(self, row: int) -> str:
        """Title and text, as the site embeds them."""
        return f"{self.titles[row]}\n{self.texts[row]}".strip()

    def near(self, query: str, without: Iterable[int], *, n: int, rng: np.random.Generator) -> list[int]:
        """Some rows that BM25 finds for the query."""
        found = self.index.top(query, depth=DEPTH)
        return [int(row) for row in rng.permutation(found[~np.isin(found, list(without))])[:n]]


def main() -> None:
    """Write the lists."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--out", type=Path, required=True, help="lists to train on; held-out ones go to OUT with .dev")
    parser.add_argument("--keywords", type=int, default=1500, help="lists with a keyword as the query")
    parser.add_argument("--papers", type=int, default=2500, help="lists with a paper as the query")
    parser.add_argument("--titles", type=int, default=1000)
    parser.add_argument("--halves", type=int, default=600)
    parser.add_argument("--random", type=int, default=0, help="random papers to add to each list, for cross-encoders")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    papers = list(_rows(options.data / "papers.jsonl.gz"))
    corpus = _corpus(papers)
    asked = {
        row["text"].lower() for name in DEV_SETS for row in _rows(options.data / "eval" / name / "queries.jsonl.gz")
    }
    kinds = {
        "topics": list(_topics(corpus, options.data / "eval" / "topics_train", asked, rng)),
        "keywords": list(_keywords(corpus, papers, asked, n=options.keywords, rng=rng)),
        "sentences": list(_sentences(corpus, papers, rng)),
        "titles": list(_titles(corpus, n=options.titles, rng=rng)),
        "halves": list(_halves(corpus, n=options.halves, rng=rng)),
        "claims": list(_claims(options.data / "eval" / "scifact", rng)),
        "papers": list(_papers(corpus, options.data / "pairs" / "paper_lists_train.jsonl.gz", options.papers, rng)),
    }
    lists = [item for found in kinds.values() for item in found]
    lists = [lists[at] for at in rng.permutation(len(lists))]
    lists = [_with_random(item, corpus, n=options.random, rng=rng) for item in lists]
    _write(options.out.with_suffix(".dev" + options.out.suffix), lists[:N_DEV])
    _write(options.out, lists[N_DEV:])
    counts = {kind: len(found) for kind, found in kinds.items()}
    texts = sum(len(item.texts) for item in lists)
    print(json.dumps({"lists": counts, "texts": texts, "held_out": N_DEV, "data_hash": data_hash(lists[N_DEV:])}))


def _topics(corpus: Corpus, folder: Path, asked: set[str], rng: np.random.Generator) -> Iterator[GradedList]:
    """Headings of reading lists, two of their papers at a time."""
    places = {key: row for row, key in enumerate(corpus.ids)}
    relevant = _judgments(folder / "qrels.tsv.gz")
    for query in _rows(folder / "queries.jsonl.gz"):
        own = [places[key] for key in relevant.get(query["_id"], {}) if key in places]
        if query["text"].lower() in asked:
            continue
        order = rng.permutation(own).tolist()
        for at in range(0, len(order), 2):
            yield _graded(corpus, query["text"], order[at : at + 2], without=own, n_hard=4, rng=rng)


def _keywords(
    corpus: Corpus, papers: Sequence[dict[str, Any]], asked: set[str], *, n: int, rng: np.random.Generator
) -> Iterator[GradedList]:
    """Keywords that authors gave, as topical queries."""
    holders: dict[str, list[int]] = defaultdict(list)
    for row, paper in enumerate(papers):
        for word in paper.get("keywords") or []:
            if 3 < len(word) < 60 and word.lower() not in asked:
                holders[word.strip().lower()].append(row)
    words = sorted(word for word, rows in holders.items() if 3 <= len(rows) <= 150)
    for word in rng.permutation(words)[:n]:
        own = holders[str(word)]
        yield _graded(corpus, str(word), rng.permutation(own)[:2].tolist(), without=own, n_hard=4, rng=rng)


def _sentences(corpus: Corpus, papers: Sequence[dict[str, Any]], rng: np.random.Generator) -> Iterator[GradedList]:
    """One-sentence summaries that authors gave."""
    for row, paper in enumerate(papers):
        sentence = paper.get("tldr") or ""
        if len(sentence) > 30:
            yield _graded(corpus, sentence, [row], without=[row], n_hard=4, rng=rng)


def _titles(corpus: Corpus, *, n: int, rng: np.random.Generator) -> Iterator[GradedList]:
    """A title and abstracts without theirs: else matching the title is all there is to learn."""
    for row in rng.choice(len(corpus.ids), size=n, replace=False):
        near = corpus.near(corpus.titles[row], [row], n=4, rng=rng)
        texts = tuple(corpus.texts[at] for at in (row, *near))
        yield GradedList(corpus.titles[row], texts, (OWN, *[HARD] * len(near)))


def _halves(corpus: Corpus, *, n: int, rng: np.random.Generator) -> Iterator[GradedList]:
    """The first half of an abstract and the second halves of it and its neighbours."""
    for row in rng.choice(len(corpus.ids), size=n, replace=False):
        rows = [int(row), *corpus.near(corpus.titles[row], [row], n=3, rng=rng)]
        halves = [_halved(corpus.texts[at]) for at in rows]
        if all(second for _, second in halves):
            yield GradedList(halves[0][0], tuple(half for _, half in halves), (OWN, *[HARD] * (len(rows) - 1)))


def _claims(folder: Path, rng: np.random.Generator) -> Iterator[GradedList]:
    """Claims and the abstracts that speak of them, from a training split with documents of its own."""
    corpus = _corpus(
        [
            {"id": row["_id"], "title": row["title"], "abstract": row["text"]}
            for row in _rows(folder / "corpus.jsonl.gz")
        ]
    )
    places = {key: row for row, key in enumerate(corpus.ids)}
    relevant = _judgments(folder / "qrels_train.tsv.gz")
    for query in _rows(folder / "queries_train.jsonl.gz"):
        own = [places[key] for key, grade in relevant.get(query["_id"], {}).items() if grade > 0]
        if own:
            yield _graded(corpus, query["text"], own[:2], without=own, n_hard=4, rng=rng)


def _papers(corpus: Corpus, path: Path, n: int, rng: np.random.Generator) -> Iterator[GradedList]:
    """A paper as the query: papers of its section, of sibling sections, of its list, of another."""
    places = {key: row for row, key in enumerate(corpus.ids)}
    by_paper: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for pair in _rows(path):
        if pair["a_id"] in places and pair["b_id"] in places:
            by_paper[pair["a_id"]].append((places[pair["b_id"]], LIST_LABELS[float(pair["score"])]))
    for key in rng.permutation(sorted(by_paper))[:n]:
        chosen = [by_paper[str(key)][at] for at in rng.permutation(len(by_paper[str(key)]))[:6]]
        texts = tuple(corpus.text(row) for row, _ in chosen)
        yield GradedList(corpus.text(places[str(key)]), texts, tuple(label for _, label in chosen))


def _with_random(item: GradedList, corpus: Corpus, *, n: int, rng: np.random.Generator) -> GradedList:
    """A cross-encoder reads no texts of other lists, and must learn that a random paper is far."""
    rows = rng.integers(len(corpus.ids), size=n)
    texts = (*item.texts, *(corpus.text(int(row)) for row in rows))
    return GradedList(item.query, texts, (*item.labels, *[FAR] * n))


def _graded(
    corpus: Corpus, query: str, own: Sequence[int], *, without: Iterable[int], n_hard: int, rng: np.random.Generator
) -> GradedList:
    rows = [*own, *corpus.near(query, without, n=n_hard, rng=rng)]
    labels = (*[OWN] * len(own), *[HARD] * (len(rows) - len(own)))
    return GradedList(query, tuple(corpus.text(row) for row in rows), labels)


def _corpus(papers: Sequence[dict[str, Any]]) -> Corpus:
    titles, texts = [paper["title"] or "" for paper in papers], [paper["abstract"] or "" for paper in papers]
    return Corpus([paper["id"] for paper in papers], titles, texts, build_lexical_index(titles, texts))


def _halved(text: str) -> tuple[str, str]:
    sentences = text.split(". ")
    middle = len(sentences) // 2
    return ". ".join(sentences[:middle]), ". ".join(sentences[middle:]) if middle else ""


def _judgments(path: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        next(stream)
        for line in stream:
            query, document, grade = line.rstrip("\n").split("\t")
            found[query][document] = float(grade)
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def _write(path: Path, lists: Sequence[GradedList]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        for item in lists:
            row = {"query": item.query, "texts": item.texts, "labels": item.labels}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
