"""Known-item search: is a paper found by its title if 30 % of the words are missing?

    python -m bench.search.bench_known_item [--papers N] [--queries N] [--whoosh N]

Prints the mean reciprocal rank at 10 of the paper, for each engine and for SQLite FTS5 with its own BM25. All words are
required; if no paper has all, any of them. Whoosh is measured on fewer papers, together with tantivy. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search.fts5 import Fts5, words_expression  # noqa: E402
from bench.search.search_corpus import read_papers  # noqa: E402
from search.engines.base import SearchBackend  # noqa: E402
from search.engines.documents import Document  # noqa: E402
from search.engines.results import Request  # noqa: E402
from search.engines.tantivy import TantivyBackend  # noqa: E402
from search.engines.whoosh import WhooshBackend  # noqa: E402
from search.language.parser import parse_plain  # noqa: E402
from search.ranking.relaxing import relax  # noqa: E402

DEPTH = 10
DROPPED_SHARE = 0.3  # of the words of a title
MIN_WORDS = 4  # of a query; fewer words do not identify a paper

Find = Callable[[str], list[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--whoosh", type=int, default=10_000, help="papers in the run with whoosh")
    options = parser.parse_args()
    papers = list(islice(read_papers(), options.papers))
    few = papers[:: max(1, len(papers) // options.whoosh)][: options.whoosh]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        rows = {
            "all papers": measure(papers, options.queries, {"tantivy": TantivyBackend(path=path / "t")}, path / "a.db"),
            "with whoosh": measure(
                few,
                options.queries // 4,
                {"tantivy": TantivyBackend(path=path / "t2"), "whoosh": WhooshBackend(path=path / "w")},
                path / "b.db",
            ),
        }
    print(json.dumps({"bench": "known_item", "rows": rows}, indent=1))


def measure(
    papers: list[Document], n_queries: int, backends: dict[str, SearchBackend], fts_path: Path
) -> dict[str, object]:
    for backend in backends.values():
        backend.rebuild(papers, revision=1)
    fts = Fts5(fts_path, papers)
    finders: dict[str, Find] = {name: engine_finder(backend) for name, backend in backends.items()}
    finders["fts5"] = fts_finder(fts)
    queries = make_queries(papers, n_queries, random.Random(0))
    mrr = {name: round(mean_reciprocal_rank(find, queries), 4) for name, find in finders.items()}
    return {"papers": len(papers), "queries": len(queries), "mrr@10": mrr}


def make_queries(papers: list[Document], n_queries: int, rng: random.Random) -> list[tuple[str, str]]:
    """(remaining words of the title in order, key) of random papers."""
    queries = []
    for paper in rng.sample(papers, len(papers)):
        words = re.findall(r"\w+", paper["title"])
        remaining = [word for word in words if rng.random() >= DROPPED_SHARE]
        if len(remaining) >= MIN_WORDS:
            queries.append((" ".join(remaining), paper["key"]))
        if len(queries) == n_queries:
            break
    return queries


def mean_reciprocal_rank(find: Find, queries: list[tuple[str, str]]) -> float:
    total = 0.0
    for text, key in queries:
        ranking = find(text)
        total += 1 / (ranking.index(key) + 1) if key in ranking else 0.0
    return total / len(queries)


def engine_finder(backend: SearchBackend) -> Find:
    request = Request(top_k=DEPTH, with_total=False)

    def find(text: str) -> list[str]:
        root = parse_plain(text).root
        hits = backend.search(root, request).hits
        any_word = None if hits else relax(root, backend)
        return [hit.key for hit in (hits if any_word is None else backend.search(any_word, request).hits)]

    return find


def fts_finder(fts: Fts5) -> Find:
    def find(text: str) -> list[str]:
        hits = fts.search(words_expression(text, "AND"), top_k=DEPTH)
        return [key for key, _ in hits or fts.search(words_expression(text, "OR"), top_k=DEPTH)]

    return find


if __name__ == "__main__":
    main()
