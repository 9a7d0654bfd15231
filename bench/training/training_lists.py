"""Judged queries to train the encoder of queries and the cross-encoder on, from the development data.

    python -m bench.training.training_lists --out queries.jsonl.gz --vectors LIBRARY/vectors

Only training parts are read; queries that a development set asks are left out, and so are that set's relevant papers
as sources of made queries. Kinds of list: headings of reading lists and their papers; claims and the abstracts that
speak of them; keywords, one-sentence summaries, spans of titles and sentences of abstracts, with the paper they are of.
Papers of the same reading list that stand under another heading are neither right nor wrong answers: they are left out
of comparisons (``without``). The few judged queries are repeated (``repeat``), each time beside other random papers.

Cross-encoders read no texts of other lists: OUT.read (``--read``) has lists of known papers, papers near the query by
words and meaning that nobody judged, and a random one. Held-out lists, with more such near papers, go to OUT.dev.
Prints how many lists of each kind there are, and the hash of the data.
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

from rerank.arrays import Float32s, Float64s, Ints, Vectors

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search.search_corpus import SHARED, read_jsonl, read_qrels, read_queries  # noqa: E402
from rerank.artifacts import content_hash  # noqa: E402
from rerank.encoders.encoder import Encoder  # noqa: E402
from rerank.evaluation import top_rows  # noqa: E402
from rerank.lexical import LexicalIndex, build_lexical_index  # noqa: E402
from rerank.training.training_data import FAR, OWN, GradedList, Paper, data_hash, sample_query  # noqa: E402
from rerank.vectors.index import open_vectors  # noqa: E402
from search.text.words import FUNCTION_WORDS  # noqa: E402

DEV_SETS = ("topics_dev", "autoscholar_dev")
SIZES = {"spans": 8000, "sentences": 8000, "keywords": 4000}
REPEAT = {"topics": 28, "claims": 16, "summaries": 2}  # an epoch's lists of each heading, claim and summary
N_TOGETHER = 8  # known papers of a heading in one list
N_DEV = 30  # held-out lists of each kind
N_NEAR = 40  # unjudged near papers in a held-out list
READ = {"topics": 1700, "claims": 1500, "keywords": 600, "summaries": 300, "spans": 600, "sentences": 900}
N_READ = 2  # known papers in a list for the cross-encoder
READ_RANKS = ((0, 10, 2), (10, 40, 2), (40, 200, 1))  # from, to, how many: of the near papers in such a list
DEPTH = 100  # of either ranking in the pool of near papers
SHARES = (0.45, 0.55)  # of BM25 and cosine, as the site fuses them


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts by id, BM25 over them, and their vectors."""

    ids: list[str]
    titles: list[str]
    texts: list[str]
    index: LexicalIndex
    vectors: Vectors
    encoder: Encoder

    def text(self, row: int) -> str:
        """Title and text, as the site embeds them."""
        return f"{self.titles[row]}\n{self.texts[row]}".strip()

    def fused(self, query: str) -> tuple[Ints, Float64s]:
        """Rows of the pool, best first, and their scores between 0 and 1."""
        words = self.index.match(query).bm25
        cosines = self.vectors @ self.encoder.encode([query])[0]  # (n,)
        pool = np.union1d(top_rows(words, k=DEPTH), top_rows(cosines, k=DEPTH))
        scores = SHARES[0] * _scaled(words[pool]) + SHARES[1] * _scaled(cosines[pool])
        order = np.argsort(-scores, kind="stable")
        return pool[order], scores[order]


@dataclass(frozen=True, slots=True)
class Judged:
    """A query, the rows of its known papers, and of papers that may belong to it too."""

    query: str
    own: tuple[int, ...]
    near: frozenset[int] = frozenset()
    repeat: int = 1


def main() -> None:
    """Write the lists."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="lists to train on, .jsonl.gz")
    parser.add_argument("--vectors", type=Path, help="vectors of the papers by the stock encoder; else they are made")
    for name, number in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=number, help="lists of this kind (default: %(default)s)")
    parser.add_argument("--read", action="store_true", help="OUT.read too: some minutes of one core")
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
    taught: dict[str, tuple[Corpus, list[Judged]]] = {}
    for kind, (texts, found) in kinds.items():
        order = rng.permutation(len(found))
        held_out += [(_with_near(texts, found[at]), 1) for at in order[:N_DEV]]
        taught[kind] = texts, [found[at] for at in order[N_DEV:]]
        lists += [(_graded(texts, item), item.repeat) for item in taught[kind][1]]
    order = rng.permutation(len(lists))
    _write(options.out, [lists[at] for at in order])
    _write(options.out.with_suffix(f".dev{options.out.suffix}"), held_out)
    if options.read:
        read = _for_reading(taught, rng)
        shuffled = [(read[at], 1) for at in rng.permutation(len(read))]
        _write(options.out.with_suffix(f".read{options.out.suffix}"), shuffled)
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
        starts = range(0, len(own), N_TOGETHER)
        if heading["text"].lower() not in asked:
            for at in starts:  # long headings are not asked more often than short ones
                repeat = max(1, REPEAT["topics"] // len(starts))
                yield Judged(heading["text"], tuple(own[at : at + N_TOGETHER]), near, repeat)


def _claims(corpus: Corpus) -> Iterator[Judged]:
    """Claims and the abstracts that speak of them, of a training split."""
    places = {key: row for row, key in enumerate(corpus.ids)}
    relevant = read_qrels("scifact", kind="_train")
    for query, text in read_queries("scifact", kind="_train").items():
        own = tuple(places[key] for key, grade in relevant.get(query, {}).items() if grade > 0)
        if own:
            yield Judged(text, own, repeat=REPEAT["claims"])


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
            yield Judged(sentence, (row,), repeat=REPEAT["summaries"])


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


def read_corpus(papers: Sequence[dict[str, Any]], encoder: Encoder, folder: Path | None) -> Corpus:
    """Papers (id, title, abstract) with their vectors: those of a folder, or made here."""
    ids, titles = [paper["id"] for paper in papers], [paper["title"] or "" for paper in papers]
    texts = [paper["abstract"] or "" for paper in papers]
    if folder is None:
        vectors = encoder.encode([f"{title}\n{text}" for title, text in zip(titles, texts, strict=True)])
    else:
        kept = open_vectors(folder, model_hash=encoder.model_hash)
        nothing = np.zeros(kept.dim, dtype=np.float32)  # of a record that another one was merged with
        found = (kept.vector(key) for key in ids)
        vectors = np.stack([nothing if vector is None else vector for vector in found])
    return Corpus(ids, titles, texts, build_lexical_index(titles, texts), vectors, encoder)


def _scaled(values: Float32s) -> Float64s:
    low, high = float(values.min()), float(values.max())
    return (values.astype(np.float64) - low) / max(high - low, 1e-9)


def _for_reading(taught: dict[str, tuple[Corpus, list[Judged]]], rng: np.random.Generator) -> list[GradedList]:
    """What a cross-encoder is to order: known papers, papers that look like them, and a random one."""
    lists = []
    for kind, (corpus, found) in taught.items():
        for at in np.resize(rng.permutation(len(found)), READ[kind]):
            item = found[at]
            words = [word for word in item.query.split() if word.lower() not in FUNCTION_WORDS]
            rows, _ = corpus.fused(" ".join(words))  # a word of every other paper takes most of the time
            near = [int(row) for row in rows if row not in item.near and row not in item.own]
            drawn = [row for low, high, n in READ_RANKS for row in rng.permutation(near[low:high])[:n].tolist()]
            own = rng.permutation(item.own)[:N_READ].tolist()
            texts = tuple(corpus.text(row) for row in (*own, *drawn, int(rng.integers(len(corpus.ids)))))
            lists.append(GradedList(item.query, texts, (OWN,) * len(own) + (FAR,) * (len(texts) - len(own))))
    return lists


def _write(path: Path, lists: Sequence[tuple[GradedList, int]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        for item, repeat in lists:
            row: dict[str, Any] = {"query": item.query, "texts": item.texts, "labels": item.labels}
            extra = {"repeat": repeat, "without": sorted(key.hex() for key in item.without)}
            row |= {name: value for name, value in extra.items() if value not in (1, [])}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
