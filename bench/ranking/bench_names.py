"""Do papers that contain a rare name, formula or identifier stand above papers that do not? Queries on real papers.

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.ranking.bench_names [QUERY …] [--mode hybrid]

LIBRARY holds ``SHARED/papers.jsonl.gz``, indexed and embedded. Which papers contain a query is found without the index,
by comparing letters and digits of title, abstract and authors. ``first_without`` is the rank of the first paper
without it, ``wrong`` how many pairs of the first 50 are in the wrong order; ``line`` is the rank after which the page
says that the papers below do not contain it, and ``says_none`` whether it says that no paper does. A query is right if
no pair is wrong, and the page says where the papers with the name end. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import unicodedata
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from coolpapers.finding.questions import Question  # noqa: E402
from coolpapers.finding.services import search_papers  # noqa: E402
from coolpapers.papers.models import Paper  # noqa: E402
from search.ranking.pipeline import MODES  # noqa: E402

# The first three are those of the issue; the others were found with papers that lack them among the first five.
QUERIES = (
    "X(3872)",
    "Diaz",
    "Qwertzheimer",
    "BERT4Rec",
    "Kagome",
    "RoBERTa-wwm",
    "K-EXAONE",
    "C4.5",
    "learning spin models of Kagome magnets",
    "BERT4Rec negative sampling",
    "SO(10)",
    "R(2+1)D",
    "GPT-4.5",
    "WN18RR",
)
NAMES = {"learning spin models of Kagome magnets": "Kagome", "BERT4Rec negative sampling": "BERT4Rec"}
DEPTH = 50
WAIT_S = 120.0  # for the encoder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("queries", nargs="*", default=list(QUERIES))
    parser.add_argument("--mode", choices=MODES, default="hybrid")
    options = parser.parse_args()
    rows = {query: _measure(query, options.mode) for query in options.queries}
    right = sum(bool(row["right"]) for row in rows.values())
    print(
        json.dumps({"bench": "names", "mode": options.mode, "right": right, "of": len(rows), "queries": rows}, indent=1)
    )


def _measure(query: str, mode: str) -> dict[str, Any]:
    page = search_papers(Question(query, mode=mode, top_k=DEPTH), wait_s=WAIT_S)
    keys = [hit.key for hit in page.hits]
    papers = {paper.key: paper for paper in Paper.objects.filter(key__in=keys)}
    name = _letters(NAMES.get(query, query))
    contains = [name in _letters(_text(papers[key])) for key in keys if key in papers]
    wrong = sum(sum(contains[rank:]) for rank, has_it in enumerate(contains) if not has_it)
    n_with = sum(contains)
    line = page.n_with_names if page.names else None
    says_none = page.relaxed or any("No paper contains" in note for note in page.notes)
    shows_end = n_with == len(contains) or line == n_with or (n_with == 0 and says_none)
    return {
        "mode": page.mode,
        "with_it": n_with,
        "first_without": contains.index(False) + 1 if False in contains else None,
        "wrong": wrong,
        "line": line,
        "says_none": says_none,
        "right": wrong == 0 and shows_end,
    }


def _text(paper: Paper) -> str:
    return " ".join([paper.title, paper.abstract, *map(str, paper.authors)])


def _letters(text: str) -> str:
    """Letters and digits without accents and case; other signs are one space."""
    plain = "".join(part for part in unicodedata.normalize("NFKD", text) if not unicodedata.combining(part))
    return f" {re.sub(r'[^a-z0-9]+', ' ', plain.lower()).strip()} "


if __name__ == "__main__":
    main()
