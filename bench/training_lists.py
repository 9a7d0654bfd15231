"""Graded lists to train the encoder and the cross-encoder on, from the development data.

    python -m bench.training_lists --out lists.jsonl.gz --vectors LIBRARY/vectors

Only training parts are read, and queries that a development set asks too are left out. What is known to belong to a
query is graded 2 (1.5 and 1 where reading lists say "sibling section" and "same list"). Papers beside them are drawn
from those that BM25 and the stock encoder together find for it, and graded by that fused score, in steps from 0.5 to
1.5: what one finds and the other misses is worth learning, and a near paper of which nobody said anything is not pushed
away as a random one is. Texts of other lists count as 0 when a batch compares them (``--in-batch``).

Cross-encoders read no texts of other lists: OUT.random has the same lists with some random papers in each, graded 0.
Held-out lists go to OUT.dev and OUT.random.dev. Prints how many lists of each kind there are, and the hash of the data.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import numpy as np
import numpy.typing as npt

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search_corpus import SHARED, read_jsonl, read_qrels, read_queries  # noqa: E402
from rerank.encoder import Encoder  # noqa: E402
from rerank.evaluation import top_rows  # noqa: E402
from rerank.lexical import LexicalIndex, build_lexical_index  # noqa: E402
from rerank.recipes import FAR, OWN, GradedList, data_hash, sample_query  # noqa: E402
from rerank.recipes import Paper as TitledPaper  # noqa: E402
from rerank.vectors import open_vectors  # noqa: E402

DEV_SETS = ("topics_dev", "autoscholar_dev")
LIST_LABELS = {3.0: 2.0, 2.0: 1.5, 1.0: 1.0, 0.0: 0.0}  # paper_lists_train: section, sibling section, list, other
SIZES = {"topics": 1500, "keywords": 700, "spans": 700, "sentences": 1500, "papers": 900}
N_DEV = 200
DEPTH = 100  # of either ranking in the pool
SHARES = (0.45, 0.55)  # of BM25 and cosine, as the site fuses them
STEPS = 4  # in which a fused score is a label: closer ones are no order worth learning
LOWEST, SPAN = 0.5, 1.0  # labels of the pool's worst and what the best has more
Vectors = npt.NDArray[np.float32]


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

    def fused(self, query: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Rows of the pool, best first, and their scores between 0 and 1."""
        words = self.index.match(query).bm25
        cosines = self.vectors @ self.encoder.encode([query])[0]  # (n,)
        pool = np.union1d(top_rows(words, k=DEPTH), top_rows(cosines, k=DEPTH))
        scores = SHARES[0] * _scaled(words[pool]) + SHARES[1] * _scaled(cosines[pool])
        order = np.argsort(-scores, kind="stable")
        return pool[order], scores[order]


def main() -> None:
    """Write the lists."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="lists to train on, .jsonl.gz")
    parser.add_argument("--vectors", type=Path, help="vectors of the papers by the stock encoder; else they are made")
    for name, number in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=number, help="lists of this kind (default: %(default)s)")
    parser.add_argument("--random", type=int, default=2, help="random papers in each list of OUT.random")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    papers = list(read_jsonl(SHARED / "papers.jsonl.gz"))
    encoder = Encoder()
    corpus = read_corpus(papers, encoder, options.vectors)
    asked = {text.lower() for name in DEV_SETS for text in read_queries(name).values()}
    kinds = {
        "topics": list(_topics(corpus, asked, n=options.topics, rng=rng)),
        "keywords": list(_keywords(corpus, papers, asked, n=options.keywords, rng=rng)),
        "summaries": list(_summaries(corpus, papers, rng)),
        "spans": list(_spans(corpus, n=options.spans, rng=rng)),
        "sentences": list(_sentences(corpus, n=options.sentences, rng=rng)),
        "claims": list(_claims(encoder, rng)),
        "papers": list(_papers(corpus, options.papers, rng)),
    }
    lists = [item for found in kinds.values() for item in found]
    lists = [lists[at] for at in rng.permutation(len(lists))]
    mixed = [_with_random(item, corpus, n=options.random, rng=rng) for item in lists]
    for name, found in (("", lists), (".random", mixed)):
        _write(options.out.with_suffix(name + options.out.suffix), found[N_DEV:])
        _write(options.out.with_suffix(f"{name}.dev{options.out.suffix}"), found[:N_DEV])
    counts = {kind: len(found) for kind, found in kinds.items()}
    texts = sum(len(item.texts) for item in lists)
    print(json.dumps({"lists": counts, "texts": texts, "held_out": N_DEV, "data_hash": data_hash(lists[N_DEV:])}))


def _topics(corpus: Corpus, asked: set[str], *, n: int, rng: np.random.Generator) -> Iterator[GradedList]:
    """Headings of reading lists, two of their papers at a time."""
    places = {key: row for row, key in enumerate(corpus.ids)}
    relevant = read_qrels("topics_train")
    parts = []
    for query, text in read_queries("topics_train").items():
        own = [places[key] for key in relevant.get(query, {}) if key in places]
        if text.lower() not in asked:
            order = rng.permutation(own).tolist()
            parts += [(text, order[at : at + 2], own) for at in range(0, len(order), 2)]
    for at in rng.permutation(len(parts))[:n]:
        text, chosen, own = parts[at]
        yield _graded(corpus, text, chosen, without=own, rng=rng)


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
        yield _graded(corpus, str(word), rng.permutation(own)[:2].tolist(), without=own, rng=rng)


def _summaries(corpus: Corpus, papers: Sequence[dict[str, Any]], rng: np.random.Generator) -> Iterator[GradedList]:
    """One-sentence summaries that authors gave."""
    for row, paper in enumerate(papers):
        sentence = paper.get("tldr") or ""
        if len(sentence) > 30:
            yield _graded(corpus, sentence, [row], without=[row], rng=rng)


def _spans(corpus: Corpus, *, n: int, rng: np.random.Generator) -> Iterator[GradedList]:
    """Some words of a title: many papers answer them, and the fused score says which."""
    for row in rng.choice(len(corpus.ids), size=n, replace=False):
        paper = TitledPaper(corpus.ids[row], corpus.titles[row], corpus.texts[row])
        yield _graded(corpus, sample_query(paper.title, rng=rng, title_share=0.0), [], without=[], rng=rng)


def _sentences(corpus: Corpus, *, n: int, rng: np.random.Generator) -> Iterator[GradedList]:
    """A sentence of an abstract, as papers are cited with; the abstract itself is there without it."""
    for row in rng.choice(len(corpus.ids), size=n, replace=False):
        sentences = [part for part in corpus.texts[row].split(". ") if 8 <= len(part.split()) <= 60]
        if len(sentences) < 3:
            continue
        sentence = sentences[int(rng.integers(len(sentences)))]
        own = f"{corpus.titles[row]}\n{corpus.texts[row].replace(sentence, '')}"
        item = _graded(corpus, sentence, [], without=[int(row)], rng=rng)
        yield GradedList(sentence, (own, *item.texts), (OWN, *item.labels))


def _claims(encoder: Encoder, rng: np.random.Generator) -> Iterator[GradedList]:
    """Claims and the abstracts that speak of them, from a training split with documents of its own."""
    documents = list(read_jsonl(SHARED / "eval" / "scifact" / "corpus.jsonl.gz"))
    corpus = read_corpus(
        [{"id": row["_id"], "title": row["title"], "abstract": row["text"]} for row in documents], encoder, None
    )
    places = {key: row for row, key in enumerate(corpus.ids)}
    relevant = read_qrels("scifact", kind="_train")
    for query, text in read_queries("scifact", kind="_train").items():
        own = [places[key] for key, grade in relevant.get(query, {}).items() if grade > 0]
        if own:
            yield _graded(corpus, text, own[:2], without=own, rng=rng)


def _papers(corpus: Corpus, n: int, rng: np.random.Generator) -> Iterator[GradedList]:
    """A paper as the query: papers of its section, of sibling sections, of its list, of another."""
    places = {key: row for row, key in enumerate(corpus.ids)}
    by_paper: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for pair in read_jsonl(SHARED / "pairs" / "paper_lists_train.jsonl.gz"):
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
    corpus: Corpus, query: str, own: Sequence[int], *, without: Iterable[int], rng: np.random.Generator
) -> GradedList:
    """Own papers, two of the ten best of the pool, one of the next twenty and two of the rest."""
    rows, scores = corpus.fused(query)
    left = np.flatnonzero(~np.isin(rows, list(without)))
    drawn = [*rng.permutation(left[:10])[:2], *rng.permutation(left[10:30])[:1], *rng.permutation(left[30:])[:2]]
    labels = [LOWEST + SPAN * round(scores[at] * STEPS) / STEPS for at in drawn]
    chosen = [*own, *(int(rows[at]) for at in drawn)]
    return GradedList(query, tuple(corpus.text(row) for row in chosen), (*[OWN] * len(own), *labels))


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


def _scaled(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    low, high = float(values.min()), float(values.max())
    return (values.astype(np.float64) - low) / max(high - low, 1e-9)


def _write(path: Path, lists: Sequence[GradedList]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        for item in lists:
            row = {"query": item.query, "texts": item.texts, "labels": item.labels}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
