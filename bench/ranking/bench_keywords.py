"""What does the extraction of keywords cost, on request and when papers are added?

    COOLPAPERS_DATA_DIR=… python -m bench.ranking.bench_keywords

The data folder is an indexed library, which is only read. The figures ``arrival_…`` are measured on a temporary index
of its first 20,000 papers, to which 200 more are added. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from coolpapers.finding.indexing.documents import iterate_documents  # noqa: E402
from coolpapers.finding.paper_keywords import keywords_of_each  # noqa: E402
from coolpapers.papers.models import Paper  # noqa: E402
from search.engines.base import SearchBackend  # noqa: E402
from search.engines.documents import Document  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402
from search.engines.tantivy import TantivyBackend  # noqa: E402

N_REQUESTS = 4_000
N_OLD, N_NEW = 20_000, 200  # papers in the temporary index, and papers added to it

Texts = Sequence[tuple[str, str]]


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    engine = search_backend()
    step = max(1, Paper.objects.count() // N_REQUESTS)
    texts = list(Paper.objects.order_by("pk").values_list("title", "abstract")[::step])
    report = {"bench": "keywords", "papers": engine.count(), **_on_request(engine, texts), **_arrivals()}
    print(json.dumps(report, indent=1))


def _on_request(engine: SearchBackend, texts: Texts) -> dict[str, Any]:
    """Speed of many papers in one call, and time of one paper per call."""
    _words(engine, texts[:100])
    started = time.perf_counter()
    words = _words(engine, texts)
    elapsed_s = time.perf_counter() - started
    single_ms = []
    for text in texts[:500]:
        started = time.perf_counter()
        _words(engine, [text])
        single_ms.append((time.perf_counter() - started) * 1e3)
    return {
        "papers_per_s": round(len(texts) / elapsed_s),
        "one_paper_p95_ms": round(sorted(single_ms)[int(0.95 * len(single_ms))], 2),
        "words_a_paper": round(sum(map(len, words)) / len(words), 2),
    }


def _arrivals() -> dict[str, Any]:
    """Time to index new papers and to extract their keywords, and how much the keywords of old papers change."""
    documents = [document for _revision, document in islice(iterate_documents(), N_OLD + N_NEW)]
    old, new = documents[:N_OLD], documents[N_OLD:]
    with tempfile.TemporaryDirectory() as folder:
        engine = TantivyBackend(path=Path(folder))
        engine.rebuild(old, revision=1)
        before = _words(engine, _texts(old[:1000]))
        started = time.perf_counter()
        engine.update(new, revision=2)
        update_s = time.perf_counter() - started
        started = time.perf_counter()
        _words(engine, _texts(new))
        keywords_s = time.perf_counter() - started
        after = _words(engine, _texts(old[:1000]))
    pairs = [(set(words), set(later)) for words, later in zip(before, after, strict=True) if words]
    shares = [len(words & later) / len(words) for words, later in pairs]
    return {
        "arrival_index_ms_a_paper": round(update_s / len(new) * 1e3, 2),
        "arrival_keywords_ms_a_paper": round(keywords_s / len(new) * 1e3, 2),
        "stored_bytes_a_paper": 0,
        "old_words_still_among_ten_percent": round(100 * sum(shares) / len(shares), 2),
    }


def _texts(documents: Sequence[Document]) -> Texts:
    return [(document["title"], document["abstract"]) for document in documents]


def _words(engine: SearchBackend, texts: Texts) -> list[tuple[str, ...]]:
    return [tuple(keyword.token for keyword in keywords) for keywords in keywords_of_each(texts, engine=engine)]


if __name__ == "__main__":
    main()
