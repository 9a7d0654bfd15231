"""How long does highlighting a page of 25 cards take, and parsing a query?

    python -m bench.search.bench_highlight

The papers of ``SHARED/papers_small.jsonl.gz`` are divided into pages of 25. For each kind of query, every page is
highlighted twice: with whole abstracts, and with snippets of 300 characters. Prints JSON: milliseconds of CPU per page,
and for comparison those of the same pages without highlighting.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import islice

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")

import django

django.setup()

from bench.search.search_corpus import SHARED, read_jsonl  # noqa: E402
from coolpapers.finding.highlighting import highlight_papers  # noqa: E402
from coolpapers.reading.markup.markdown import render_abstract, render_title  # noqa: E402
from search.language.parser import parse_query  # noqa: E402

Page = list[tuple[str, str, str]]  # key, title, abstract

PAGE = 25
QUERIES = {
    "two_words": "graph networks",
    "five_words": "learning deep neural network models",
    "phrase": '"language model"',
    "fielded": "ti:graph abs:attention year:2020..2024 cat:cs",
    "wildcards": "transf* atention~ non-invasive",
}


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    records = read_jsonl(SHARED / "papers_small.jsonl.gz")
    rows = [(record["id"], record["title"], record["abstract"]) for record in records]
    pages = [rows[start : start + PAGE] for start in range(0, len(rows) - PAGE + 1, PAGE)]
    plain = _times(_render, pages)
    figures: dict[str, object] = {"pages": len(pages), "unmarked_page_ms": _summary(plain)}
    for name, text in QUERIES.items():
        query = parse_query(text)
        parsing = _times(lambda _page: parse_query(text), pages)  # noqa: B023 - called in this iteration
        whole = _times(partial(highlight_papers, query), pages)
        snippets = _times(partial(highlight_papers, query, snippet=300), pages)
        figures[name] = {
            "parse_ms": _summary(parsing),
            "page_ms": _summary(whole),
            "snippets_ms": _summary(snippets),
        }
    print(json.dumps(figures, indent=1))


def _render(page: Page) -> list[tuple[str, str]]:
    return [(render_title(title), render_abstract(text)) for _, title, text in page]


def _times(work: Callable[[Page], object], pages: list[Page]) -> list[float]:
    """CPU milliseconds of each page, after ten pages that fill the caches of the text analysis."""
    for page in islice(pages, 10):
        work(page)
    times = []
    for page in pages:
        started = time.process_time()
        work(page)
        times.append((time.process_time() - started) * 1000)
    return times


def _summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"median": round(statistics.median(ordered), 3), "p95": round(ordered[int(len(ordered) * 0.95)], 3)}


if __name__ == "__main__":
    main()
