"""How long does a search take inside the process? Six kinds of query, top 20, compared with plain calls of engines.

    COOLPAPERS_DATA_DIR=… python -m bench.search.bench_search [--queries N] [--whoosh N]

The data folder holds an imported and indexed library. Prints JSON: milliseconds, p50 and p95, of

- ``ours``: parse, search, and highlight titles and whole abstracts (``search_papers``)
- ``ours_engine``: our compiled query with the tantivy backend alone, without the total
- ``bare_tantivy``: the same words with tantivy's own parser and searcher, in the same text fields of an index with the
  same fields, and the ids of its hits
- ``fts5``: SQLite's FTS5 with BM25 and highlighted titles
- ``whoosh``: our compiled query with the Whoosh backend on fewer papers, together with ``ours_engine``
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import django
import tantivy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search.bare_tantivy import TEXTS, index_bare, open_bare  # noqa: E402
from bench.search.fts5 import Fts5, words_expression  # noqa: E402
from coolpapers.finding.highlighting import ALL_PARTS  # noqa: E402
from coolpapers.finding.indexing.documents import iterate_documents  # noqa: E402
from coolpapers.finding.questions import Question  # noqa: E402
from coolpapers.finding.services import search_papers  # noqa: E402
from search.engines.base import SearchBackend  # noqa: E402
from search.engines.documents import Document  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402
from search.engines.results import Request  # noqa: E402
from search.engines.tantivy import TantivyBackend  # noqa: E402
from search.engines.whoosh import WhooshBackend  # noqa: E402
from search.language.parser import parse_leniently  # noqa: E402
from search.ranking.relaxing import is_long, relax  # noqa: E402

TOP_K = 20
YEARS = (2018, 2022)
LONG_WORDS = 150

Search = Callable[[str, str], object]  # kind and words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=200, help="number of queries of each kind")
    parser.add_argument("--whoosh", type=int, default=5_000, help="number of papers in the run with Whoosh")
    options = parser.parse_args()
    papers = [document for _, document in iterate_documents()]
    queries = make_queries(papers, options.queries, random.Random(0))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        index_bare(papers, path / "bare", with_exact=True)
        finders: dict[str, Search] = {
            "ours": search_ours,
            "ours_engine": engine_search(search_backend("tantivy")),
            "bare_tantivy": bare_search(path / "bare"),
            "fts5": fts_search(Fts5(path / "fts.db", papers)),
        }
        # The garbage collector must not traverse the hundred thousand papers that this bench holds.
        gc.collect()
        gc.freeze()
        rows = measure(finders, queries)
        few = list(islice(papers[:: max(1, len(papers) // options.whoosh)], options.whoosh))
        with_whoosh: dict[str, SearchBackend] = {
            "ours_engine": TantivyBackend(path=path / "few"),
            "whoosh": WhooshBackend(path=path / "whoosh"),
        }
        for backend in with_whoosh.values():
            backend.rebuild(few, revision=1)
        small = {kind: texts[: max(10, options.queries // 10)] for kind, texts in queries.items()}
        small_rows = measure({name: engine_search(backend) for name, backend in with_whoosh.items()}, small)
    whole = {"papers": len(papers), "queries_each": options.queries, "ms": rows}
    print(json.dumps({"bench": "search", "all": whole, "few": {"papers": len(few), "ms": small_rows}}, indent=1))


def make_queries(papers: Sequence[Document], n_queries: int, rng: random.Random) -> dict[str, list[str]]:
    """Words of titles and abstracts of random papers, by kind of query."""
    queries: dict[str, list[str]] = {kind: [] for kind in ("two", "five", "phrase", "fielded", "prefix", "long")}
    for paper in rng.sample(list(papers), len(papers)):
        title = [word for word in re.findall(r"[A-Za-z]+", paper["title"]) if len(word) > 3]
        text = re.findall(r"[A-Za-z]{2,}", paper["abstract"])
        if len(title) < 6 or len(text) < LONG_WORDS:
            continue
        start = rng.randrange(len(title) - 1)
        queries["two"].append(" ".join(rng.sample(title, 2)))
        queries["five"].append(" ".join(rng.sample(title, 5)))
        queries["phrase"].append(" ".join(title[start : start + 2]))
        queries["fielded"].append(title[start])
        queries["prefix"].append(title[start][:4])
        queries["long"].append(" ".join(text[:LONG_WORDS]))
        if len(queries["two"]) == n_queries:
            break
    return queries


def in_our_language(kind: str, words: str) -> str:
    """The query string of some words, in the syntax of its kind."""
    forms = {"phrase": f'"{words}"', "prefix": f"{words}*", "fielded": f"ti:{words} year:{YEARS[0]}..{YEARS[1]}"}
    return forms.get(kind, words)


def search_ours(kind: str, words: str) -> object:
    return search_papers(Question(in_our_language(kind, words), mode="bm25", top_k=TOP_K, highlight=ALL_PARTS))


def engine_search(backend: SearchBackend) -> Search:
    request = Request(top_k=TOP_K, with_total=False)

    def search(kind: str, words: str) -> object:
        root = parse_leniently(in_our_language(kind, words)).root
        if is_long(root):
            root = relax(root, backend) or root
        return backend.search(root, request)

    return search


def bare_search(path: Path) -> Search:
    index = open_bare(path)
    fields = list(TEXTS)

    def hits(query: tantivy.Query) -> list[object]:
        searcher = index.searcher()
        scored = searcher.search(query, TOP_K, count=False).hits
        return [searcher.doc(address).get_first("key") for _score, address in scored]

    def search(kind: str, words: str) -> object:
        forms = {
            "phrase": f'"{words}"',
            "fielded": f"+title:{words} +year:[{YEARS[0]} TO {YEARS[1]}]",
            "long": words.lower(),  # its parser reads AND as an operator
        }
        if kind == "prefix":
            prefixes = [tantivy.Query.regex_query(index.schema, field, f"{words.lower()}.*") for field in fields]
            return hits(tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in prefixes]))
        text = forms.get(kind, " ".join(f"+{word.lower()}" for word in words.split()))
        return hits(index.parse_query(text, fields))

    index.reload()
    return search


def fts_search(fts: Fts5) -> Search:
    def search(kind: str, words: str) -> object:
        if kind == "fielded":
            return fts.search(f'title : "{words}"', top_k=TOP_K, year=YEARS)
        forms = {"phrase": f'"{words}"', "prefix": f'"{words}"*', "long": words_expression(words, "OR")}
        return fts.search(forms.get(kind) or words_expression(words, "AND"), top_k=TOP_K)

    return search


def measure(finders: dict[str, Search], queries: dict[str, list[str]]) -> dict[str, dict[str, dict[str, float]]]:
    """Run all finders in turn for each query, so that a busy moment of the machine affects all of them."""
    rows: dict[str, dict[str, dict[str, float]]] = {}
    for kind, texts in queries.items():
        times: dict[str, list[float]] = {name: [] for name in finders}
        # FTS5 takes seconds for a long query, so only a fifth of these are run.
        for text in texts[:: 5 if kind == "long" else 1]:
            for name, find in finders.items():
                start = time.perf_counter()
                find(kind, text)
                times[name].append((time.perf_counter() - start) * 1000)
        rows[kind] = {name: summary(of_finder) for name, of_finder in times.items()}
    return rows


def summary(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {"p50": round(statistics.median(ordered), 2), "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 2)}


if __name__ == "__main__":
    main()
