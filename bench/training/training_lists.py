"""Training lists of the query encoder and the cross-encoder, made of the development data.

    python -m bench.training.training_lists --out queries.jsonl.gz --vectors LIBRARY/vectors

Only training splits are read. Queries of a development set are excluded, and no query is made of a paper that is
relevant there. The kinds of lists are headings of reading lists with their papers; claims with the abstracts that
support or refute them; and keywords, one-sentence summaries, spans of titles and sentences of abstracts with their
paper. Papers of the same reading list under another heading may be relevant or not, so the heading is not compared with
them (``without``). There are few judged queries, so they are repeated in an epoch (``repeat``), with other random
papers each time.

A cross-encoder cannot use texts of other lists as negatives. With ``--read``, OUT.read gets its lists: relevant papers,
unjudged papers near the query by words and meaning, and a random one. OUT.dev gets held-out lists with more unjudged
papers. Prints the number of lists of each kind and the hash of the data.
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
SIZES = {"spans": 8000, "sentences": 8000, "keywords": 4000}  # lists of each kind
REPEAT = {"topics": 28, "claims": 16, "summaries": 2}  # how often an epoch contains each heading, claim and summary
N_TOGETHER = 8  # relevant papers of a heading in one list
N_DEV = 30  # held-out lists of each kind
N_NEAR = 40  # unjudged papers in a held-out list
READ_SIZES = {"topics": 1700, "claims": 1500, "keywords": 600, "summaries": 300, "spans": 600, "sentences": 900}
N_READ = 2  # relevant papers in a list for the cross-encoder
READ_RANKS = ((0, 10, 2), (10, 40, 2), (40, 200, 1))  # (first rank, end, how many) of its unjudged papers
DEPTH = 100  # of each ranking in the pool of unjudged papers
WEIGHTS = (0.45, 0.55)  # of BM25 and cosine in the fused score


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents, BM25 over them, and their vectors."""

    ids: list[str]
    titles: list[str]
    texts: list[str]
    index: LexicalIndex
    vectors: Vectors
    encoder: Encoder

    def text(self, row: int) -> str:
        """Title and text of a document, as the site embeds them."""
        return f"{self.titles[row]}\n{self.texts[row]}".strip()

    def fused(self, query: str) -> tuple[Ints, Float64s]:
        """Rows of the pool and their fused scores, between 0 and 1, best first."""
        words = self.index.match(query).bm25
        cosines = self.vectors @ self.encoder.encode([query])[0]  # (n,)
        pool = np.union1d(top_rows(words, k=DEPTH), top_rows(cosines, k=DEPTH))
        scores = WEIGHTS[0] * _scaled(words[pool]) + WEIGHTS[1] * _scaled(cosines[pool])
        order = np.argsort(-scores, kind="stable")
        return pool[order], scores[order]


@dataclass(frozen=True, slots=True)
class Judged:
    """A query, the rows of its relevant papers, and those of papers that may be relevant too."""

    query: str
    relevant: tuple[int, ...]
    uncertain: frozenset[int] = frozenset()
    repeat: int = 1


def main() -> None:
    """Make the lists and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="training lists, .jsonl.gz")
    parser.add_argument("--vectors", type=Path, help="vectors of the papers by all-MiniLM-L6-v2 (default: computed)")
    for name, number in SIZES.items():
        parser.add_argument(
            f"--{name}", type=int, default=number, help="number of lists of this kind (default: %(default)s)"
        )
    parser.add_argument("--read", action="store_true", help="write OUT.read too: takes some minutes of one core")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    papers = list(read_jsonl(SHARED / "papers.jsonl.gz"))
    encoder = Encoder()
    corpus = read_corpus(papers, encoder, options.vectors)
    row_of = {key: row for row, key in enumerate(corpus.ids)}
    dev_queries = {text.lower() for name in DEV_SETS for text in read_queries(name).values()}
    dev_keys = {key for name in DEV_SETS for grades in read_qrels(name).values() for key in grades}
    dev_rows = {row_of[key] for key in dev_keys if key in row_of}
    sources = [row for row in range(len(papers)) if row not in dev_rows and len(corpus.texts[row]) > 200]
    rows: list[int] = rng.permutation(sources).tolist()
    claims = _claim_corpus(encoder)
    kinds = {
        "topics": (corpus, list(_topics(row_of, dev_queries, rng))),
        "claims": (claims, list(_claims(claims))),
        "keywords": (corpus, list(_keywords(papers, rows, dev_queries, rng))[: options.keywords]),
        "summaries": (corpus, list(_summaries(papers, rows))),
        "spans": (corpus, list(_spans(corpus, rows[: options.spans], rng))),
        "sentences": (corpus, list(_sentences(corpus, rows[: options.sentences], rng))),
    }
    lists: list[tuple[GradedList, int]] = []
    held_out: list[tuple[GradedList, int]] = []
    training: dict[str, tuple[Corpus, list[Judged]]] = {}
    for kind, (of_kind, judged) in kinds.items():
        order = rng.permutation(len(judged))
        held_out += [(_with_unjudged(of_kind, judged[number]), 1) for number in order[:N_DEV]]
        training[kind] = of_kind, [judged[number] for number in order[N_DEV:]]
        lists += [(_graded(of_kind, item), item.repeat) for item in training[kind][1]]
    order = rng.permutation(len(lists))
    _write(options.out, [lists[number] for number in order])
    _write(options.out.with_suffix(f".dev{options.out.suffix}"), held_out)
    if options.read:
        read = _cross_encoder_lists(training, rng)
        shuffled = [(read[number], 1) for number in rng.permutation(len(read))]
        _write(options.out.with_suffix(f".read{options.out.suffix}"), shuffled)
    counts = {kind: len(judged) for kind, (_corpus, judged) in kinds.items()}
    sha256 = data_hash([lists[number][0] for number in order])
    print(json.dumps({"lists": counts, "repeat": REPEAT, "held_out": len(held_out), "data_hash": sha256}))


def _topics(row_of: dict[str, int], dev_queries: set[str], rng: np.random.Generator) -> Iterator[Judged]:
    """Headings of reading lists, each with up to N_TOGETHER of its papers."""
    qrels = read_qrels("topics_train")
    rows = {query: [row_of[key] for key in grades if key in row_of] for query, grades in qrels.items()}
    rows_of_list: dict[str, set[int]] = defaultdict(set)
    headings = list(read_jsonl(SHARED / "eval" / "topics_train" / "queries.jsonl.gz"))
    for heading in headings:
        rows_of_list[heading["metadata"]["list"]].update(rows.get(heading["_id"], ()))
    for heading in headings:
        relevant = rng.permutation(rows.get(heading["_id"], [])).tolist()
        uncertain = frozenset(rows_of_list[heading["metadata"]["list"]])
        starts = range(0, len(relevant), N_TOGETHER)
        if heading["text"].lower() not in dev_queries:
            for start in starts:
                repeat = max(1, REPEAT["topics"] // len(starts))  # headings with many papers do not occur more often
                yield Judged(heading["text"], tuple(relevant[start : start + N_TOGETHER]), uncertain, repeat)


def _claims(corpus: Corpus) -> Iterator[Judged]:
    """Claims of the training split, with the abstracts that support or refute them."""
    row_of = {key: row for row, key in enumerate(corpus.ids)}
    qrels = read_qrels("scifact", kind="_train")
    for query, text in read_queries("scifact", kind="_train").items():
        relevant = tuple(row_of[key] for key, grade in qrels.get(query, {}).items() if grade > 0)
        if relevant:
            yield Judged(text, relevant, repeat=REPEAT["claims"])


def _keywords(
    papers: Sequence[dict[str, Any]], rows: Sequence[int], dev_queries: set[str], rng: np.random.Generator
) -> Iterator[Judged]:
    """One to three of the authors' keywords of a paper."""
    for row in rows:
        words = papers[row].get("keywords") or []
        sample = rng.permutation(words)[: int(rng.integers(1, 4))].tolist() if words else []
        query = " ".join(sample).rsplit(":", 1)[-1].strip()
        if query and query.lower() not in dev_queries:
            yield Judged(query, (row,))


def _summaries(papers: Sequence[dict[str, Any]], rows: Sequence[int]) -> Iterator[Judged]:
    """The authors' one-sentence summaries."""
    for row in rows:
        sentence = papers[row].get("tldr") or ""
        if len(sentence) > 30:
            yield Judged(sentence, (row,), repeat=REPEAT["summaries"])


def _spans(corpus: Corpus, rows: Sequence[int], rng: np.random.Generator) -> Iterator[Judged]:
    """A title, or a span of it."""
    for row in rows:
        paper = Paper(corpus.ids[row], corpus.titles[row], corpus.texts[row])
        yield Judged(sample_query(paper.title, rng=rng), (row,))


def _sentences(corpus: Corpus, rows: Sequence[int], rng: np.random.Generator) -> Iterator[Judged]:
    """A random sentence of an abstract."""
    for row in rows:
        sentences = [part for part in corpus.texts[row].split(". ") if 40 < len(part) < 260]
        if sentences:
            yield Judged(sentences[int(rng.integers(len(sentences)))], (row,))


def _claim_corpus(encoder: Encoder) -> Corpus:
    documents = read_jsonl(SHARED / "eval" / "scifact" / "corpus.jsonl.gz")
    return read_corpus(
        [{"id": row["_id"], "title": row["title"], "abstract": row["text"]} for row in documents], encoder, None
    )


def _graded(corpus: Corpus, judged: Judged) -> GradedList:
    """A list of the relevant papers; the uncertain ones are excluded from comparisons."""
    texts = tuple(corpus.text(row) for row in judged.relevant)
    without = frozenset(content_hash(corpus.text(row)) for row in judged.uncertain.difference(judged.relevant))
    return GradedList(judged.query, texts, (OWN,) * len(texts), without)


def _with_unjudged(corpus: Corpus, judged: Judged) -> GradedList:
    """A list of the relevant papers, and unjudged ones near the query as negatives, as most of them are."""
    rows, _scores = corpus.fused(judged.query)
    unjudged = [int(row) for row in rows if row not in judged.uncertain and row not in judged.relevant][:N_NEAR]
    item = _graded(corpus, replace(judged, uncertain=frozenset()))
    texts = tuple(corpus.text(row) for row in unjudged)
    return GradedList(judged.query, (*item.texts, *texts), (*item.labels, *[FAR] * len(unjudged)))


def read_corpus(papers: Sequence[dict[str, Any]], encoder: Encoder, folder: Path | None) -> Corpus:
    """Papers (id, title, abstract) with their vectors from a folder, or computed."""
    ids, titles = [paper["id"] for paper in papers], [paper["title"] or "" for paper in papers]
    texts = [paper["abstract"] or "" for paper in papers]
    if folder is None:
        vectors = encoder.encode([f"{title}\n{text}" for title, text in zip(titles, texts, strict=True)])
    else:
        index = open_vectors(folder, model_hash=encoder.model_hash)
        zeros = np.zeros(index.dim, dtype=np.float32)  # for a record that was merged into another
        by_paper = (index.vector(key) for key in ids)
        vectors = np.stack([zeros if vector is None else vector for vector in by_paper])
    return Corpus(ids, titles, texts, build_lexical_index(titles, texts), vectors, encoder)


def _scaled(values: Float32s) -> Float64s:
    low, high = float(values.min()), float(values.max())
    return (values.astype(np.float64) - low) / max(high - low, 1e-9)


def _cross_encoder_lists(
    training: dict[str, tuple[Corpus, list[Judged]]], rng: np.random.Generator
) -> list[GradedList]:
    """Lists of relevant papers, unjudged papers near the query, and a random one."""
    lists = []
    for kind, (corpus, judged) in training.items():
        for number in np.resize(rng.permutation(len(judged)), READ_SIZES[kind]):
            item = judged[number]
            words = [word for word in item.query.split() if word.lower() not in FUNCTION_WORDS]
            rows, _scores = corpus.fused(" ".join(words))  # function words would take most of the time
            unjudged = [int(row) for row in rows if row not in item.uncertain and row not in item.relevant]
            near = [row for low, high, n in READ_RANKS for row in rng.permutation(unjudged[low:high])[:n].tolist()]
            relevant = rng.permutation(item.relevant)[:N_READ].tolist()
            texts = tuple(corpus.text(row) for row in (*relevant, *near, int(rng.integers(len(corpus.ids)))))
            lists.append(GradedList(item.query, texts, (OWN,) * len(relevant) + (FAR,) * (len(texts) - len(relevant))))
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
