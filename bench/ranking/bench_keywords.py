"""What do keywords of papers cost, when asked for and when papers arrive?

    COOLPAPERS_DATA_DIR=… python -m bench.ranking.bench_keywords

The data folder is an indexed library, which is only read. ``arrivals`` are measured on an index of its first 20,000
papers made aside, to which 200 more are added: what adding costs, and that words follow (nothing else is kept).
"""

from __future__ import annotations

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

N_ASKED = 4_000
N_OLD, N_NEW = 20_000, 200

Texts = Sequence[tuple[str, str]]


def main() -> None:
    engine = search_backend()
    step = max(1, Paper.objects.count() // N_ASKED)
    texts = list(Paper.objects.order_by("pk").values_list("title", "abstract")[::step])
    print(json.dumps({"bench": "keywords", "papers": engine.count(), **_asked(engine, texts), **_arrivals()}, indent=1))


def _asked(engine: SearchBackend, texts: Texts) -> dict[str, Any]:
    _words(engine, texts[:100])
    began = time.perf_counter()
    words = _words(engine, texts)
    took_s = time.perf_counter() - began
    one_by_one_ms = []
    for text in texts[:500]:
        began = time.perf_counter()
        _words(engine, [text])
        one_by_one_ms.append((time.perf_counter() - began) * 1e3)
    return {
        "papers_per_s": round(len(texts) / took_s),
        "one_paper_p95_ms": round(sorted(one_by_one_ms)[int(0.95 * len(one_by_one_ms))], 2),
        "words_a_paper": round(sum(map(len, words)) / len(words), 2),
    }


def _arrivals() -> dict[str, Any]:
    documents = [document for _revision, document in islice(iterate_documents(), N_OLD + N_NEW)]
    old, new = documents[:N_OLD], documents[N_OLD:]
    with tempfile.TemporaryDirectory() as folder:
        engine = TantivyBackend(path=Path(folder))
        engine.rebuild(old, revision=1)
        before = _words(engine, _texts(old[:1000]))
        began = time.perf_counter()
        engine.update(new, revision=2)
        added_s = time.perf_counter() - began
        began = time.perf_counter()
        _words(engine, _texts(new))
        asked_s = time.perf_counter() - began
        after = _words(engine, _texts(old[:1000]))
    kept = [len(set(one) & set(other)) / len(one) for one, other in zip(before, after, strict=True) if one]
    return {
        "arrival_index_ms_a_paper": round(added_s / len(new) * 1e3, 2),
        "arrival_keywords_ms_a_paper": round(asked_s / len(new) * 1e3, 2),
        "stored_bytes_a_paper": 0,
        "old_words_still_among_ten_percent": round(100 * sum(kept) / len(kept), 2),
    }


def _texts(documents: Sequence[Document]) -> Texts:
    return [(document["title"], document["abstract"]) for document in documents]


def _words(engine: SearchBackend, texts: Texts) -> list[tuple[str, ...]]:
    return [tuple(keyword.token for keyword in of) for of in keywords_of_each(texts, engine=engine)]


if __name__ == "__main__":
    main()
