"""Judged queries to train the encoder of queries on (``python -m rerank train --kind query-encoder``).

    python -m bench.query_lists --out queries.jsonl.gz --vectors LIBRARY/vectors

Only training parts are read; queries that a development set asks are left out, and so are that set's relevant papers
as sources of made queries. Kinds of list: headings of reading lists and their papers; claims and the abstracts that
speak of them; keywords, one-sentence summaries, spans of titles and sentences of abstracts, with the paper they are of.
Papers of the same reading list that stand under another heading are neither right nor wrong answers: they are left out
of comparisons (``without``). The few judged queries are repeated (``repeat``), each time beside other random papers.

Held-out lists, with near papers that nobody judged below the known ones, go to OUT.dev. Prints how many lists of each
kind there are, and the hash of the data.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search_corpus import SHARED, read_jsonl, read_qrels, read_queries  # noqa: E402
from bench.training_lists import DEV_SETS, Corpus, read_corpus  # noqa: E402
from rerank.artifacts import content_hash  # noqa: E402
from rerank.encoder import Encoder  # noqa: E402
from rerank.recipes import FAR, OWN, GradedList, Paper, data_hash, sample_query  # noqa: E402

SIZES = {"spans": 8000, "sentences": 8000, "keywords": 4000}
REPEAT = {"topics": 14, "claims": 16, "summaries": 2}
N_TOGETHER = 8  # known papers of a heading in one list
N_DEV = 30  # held-out lists of each kind
N_NEAR = 40  # unjudged near papers in a held-out list


@dataclass(frozen=True, slots=True)
class Judged:
    """A query, the rows of its known papers, and of papers that may belong to it too."""

    query: str
    own: tuple[int, ...]
    near: frozenset[int] = frozenset()


def main() -> None:
    """Write the lists."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="lists to train on, .jsonl.gz")
    parser.add_argument("--vectors", type=Path, help="vectors of the papers by the stock encoder; else they are made")
    for name, number in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=number, help="lists of this kind (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    papers = list(read_jsonl(SHARED / "papers.jsonl.gz"))
    encoder = Encoder()
    corpus = read_corpus(papers, encoder, options.vectors)
    places = {key: row for row, key in enumerate(corpus.ids)}
    asked = {text.lower() for name in DEV_SETS for text in read_queries(name).values()}
    wanted = {places[key] for name in DEV_SETS for held in read_qrels(name).values() for key in held if key in places}
    sources = [row for row in range(len(papers)) if row not in wanted and len(corpus.texts[row]) > 200]
    free: list[int] = rng.permutation(sources).tolist()
    claims = _claim_corpus(encoder)
    kinds = {
        "topics": (corpus, list(_topics(places, asked, rng))),
        "claims": (claims, list(_claims(claims))),
        "keywords": (corpus, list(_keywords(papers, free, asked, rng))[: options.keywords]),
        "summaries": (corpus, list(_summaries(papers, free))),
        "spans": (corpus, list(_spans(corpus, free[: options.spans], rng))),
        "sentences": (corpus, list(_sentences(corpus, free[: options.sentences], rng))),
    }
    lists: list[tuple[GradedList, int]] = []
    held_out: list[tuple[GradedList, int]] = []
    for kind, (texts, found) in kinds.items():
        order = rng.permutation(len(found))
        held_out += [(_with_near(texts, found[at]), 1) for at in order[:N_DEV]]
        lists += [(_graded(texts, found[at]), REPEAT.get(kind, 1)) for at in order[N_DEV:]]
    order = rng.permutation(len(lists))
    _write(options.out, [lists[at] for at in order])
    _write(options.out.with_suffix(f".dev{options.out.suffix}"), held_out)
    counts = {kind: len(found) for kind, (_, found) in kinds.items()}
    hashed = data_hash([lists[at][0] for at in order])
    print(json.dumps({"lists": counts, "repeat": REPEAT, "held_out": len(held_out), "data_hash": hashed}))


def _topics(places: dict[str, int], asked: set[str], rng: np.random.Generator) -> Iterator[Judged]:
    """Headings of reading lists, some of their papers at a time."""
    relevant = read_qrels("topics_train")
    rows = {query: [places[key] for key in held if key in places] for query, held in relevant.items()}
    of_list: dict[str, set[int]] = defaultdict(set)
    headings = list(read_jsonl(SHARED / "eval" / "topics_train" / "queries.jsonl.gz"))
    for heading in headings:
        of_list[heading["metadata"]["list"]].update(rows.get(heading["_id"], ()))
    for heading in headings:
        own = rng.permutation(rows.get(heading["_id"], [])).tolist()
        near = frozenset(of_list[heading["metadata"]["list"]])
        if heading["text"].lower() not in asked:
            for at in range(0, len(own), N_TOGETHER):
                yield Judged(heading["text"], tuple(own[at : at + N_TOGETHER]), near)


def _claims(corpus: Corpus) -> Iterator[Judged]:
    """Claims and the abstracts that speak of them, of a training split."""
    places = {key: row for row, key in enumerate(corpus.ids)}
    relevant = read_qrels("scifact", kind="_train")
    for query, text in read_queries("scifact", kind="_train").items():
        own = tuple(places[key] for key, grade in relevant.get(query, {}).items() if grade > 0)
        if own:
            yield Judged(text, own)


def _keywords(
    papers: Sequence[dict[str, Any]], free: Sequence[int], asked: set[str], rng: np.random.Generator
) -> Iterator[Judged]:
    """One to three of the keywords that authors gave."""
    for row in free:
        words = papers[row].get("keywords") or []
        chosen = rng.permutation(words)[: int(rng.integers(1, 4))].tolist() if words else []
        query = " ".join(chosen).rsplit(":", 1)[-1].strip()
        if query and query.lower() not in asked:
            yield Judged(query, (row,))


def _summaries(papers: Sequence[dict[str, Any]], free: Sequence[int]) -> Iterator[Judged]:
    """One-sentence summaries that authors gave."""
    for row in free:
        sentence = papers[row].get("tldr") or ""
        if len(sentence) > 30:
            yield Judged(sentence, (row,))


def _spans(corpus: Corpus, rows: Sequence[int], rng: np.random.Generator) -> Iterator[Judged]:
    """A title, or some words of it."""
    for row in rows:
        paper = Paper(corpus.ids[row], corpus.titles[row], corpus.texts[row])
        yield Judged(sample_query(paper.title, rng=rng), (row,))


def _sentences(corpus: Corpus, rows: Sequence[int], rng: np.random.Generator) -> Iterator[Judged]:
    """A sentence of an abstract, as papers are cited with."""
    for row in rows:
        sentences = [part for part in corpus.texts[row].split(". ") if 40 < len(part) < 260]
        if sentences:
            yield Judged(sentences[int(rng.integers(len(sentences)))], (row,))


def _claim_corpus(encoder: Encoder) -> Corpus:
    documents = read_jsonl(SHARED / "eval" / "scifact" / "corpus.jsonl.gz")
    return read_corpus(
        [{"id": row["_id"], "title": row["title"], "abstract": row["text"]} for row in documents], encoder, None
    )


def _graded(corpus: Corpus, found: Judged) -> GradedList:
    texts = tuple(corpus.text(row) for row in found.own)
    without = frozenset(content_hash(corpus.text(row)) for row in found.near.difference(found.own))
    return GradedList(found.query, texts, (OWN,) * len(texts), without)


def _with_near(corpus: Corpus, found: Judged) -> GradedList:
    """Near papers by words and meaning below the known ones: most of them are wrong answers, if not all."""
    rows, _ = corpus.fused(found.query)
    near = [int(row) for row in rows if row not in found.near and row not in found.own][:N_NEAR]
    item = _graded(corpus, replace(found, near=frozenset()))
    texts = tuple(corpus.text(row) for row in near)
    return GradedList(found.query, (*item.texts, *texts), (*item.labels, *[FAR] * len(near)))


def _write(path: Path, lists: Sequence[tuple[GradedList, int]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        for item, repeat in lists:
            row: dict[str, Any] = {"query": item.query, "texts": item.texts, "labels": item.labels}
            extra = {"repeat": repeat, "without": sorted(key.hex() for key in item.without)}
            row |= {name: value for name, value in extra.items() if value not in (1, [])}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
