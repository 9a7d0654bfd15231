"""How often does "Did you mean" offer the word that was meant, and does every offer have hits?

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.search.bench_corrections [--words N]

LIBRARY is a data folder with papers and an index. Words of random titles, with four letters or more and in at least
five papers, get one typing error each: two letters swapped, one dropped, doubled or replaced by a neighbour on the
keyboard. A third of them are parts of hyphenated compounds or stand beside another word of the title. An error that
is itself a word of ten papers or more, or has the same stem, is drawn again. Prints JSON: the share of offers that are
what was meant, or another form of the same word (as stemmed), by kind of error, offers without hits, and wrong ones.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from coolpapers.finding.questions import Question  # noqa: E402
from coolpapers.finding.services import search_papers  # noqa: E402
from coolpapers.papers.models import Paper  # noqa: E402
from search.engines.base import SearchBackend  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402
from search.text.analysis import query_tokens  # noqa: E402
from search.text.words import STOP_WORDS  # noqa: E402

MIN_LETTERS = 4
MIN_PAPERS = 5
MAX_PAPERS_OF_ERROR = 9
KINDS = ("swapped", "dropped", "doubled", "replaced")
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


class Case(NamedTuple):
    kind: str
    shape: str  # alone, compound, beside
    typed: str
    meant: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    titles = list(Paper.objects.order_by("pk").values_list("title", flat=True))
    cases = make_cases(titles, options.words, search_backend(), rng)
    search_papers(Question(cases[0].typed, mode="bm25"))  # makes the list of words
    n_right, n_cases, wrong, without_hits, times = Counter[str](), Counter[str](), [], [], []
    for case in cases:
        began = time.process_time()
        offer = search_papers(Question(case.typed, mode="bm25")).suggestion
        times.append((time.process_time() - began) * 1000)
        is_right = offer is not None and _stems(offer) == _stems(case.meant)
        for name in (case.kind, case.shape, "all"):
            n_cases[name] += 1
            n_right[name] += is_right
        if not is_right:
            wrong.append([case.typed, case.meant, offer])
        if offer is not None and not _has_all_words(offer):
            without_hits.append(offer)
    rates = {name: round(n_right[name] / n, 3) for name, n in n_cases.items()}
    times.sort()
    report: dict[str, object] = {"right": rates, "offers_without_hits": without_hits, "wrong": wrong}
    report |= {"bench": "corrections", "cases": len(cases), "p95_ms": round(times[int(0.95 * len(times))], 1)}
    print(json.dumps(report, indent=1, ensure_ascii=False))


def make_cases(titles: Sequence[str], n_cases: int, engine: SearchBackend, rng: random.Random) -> list[Case]:
    cases: list[Case] = []
    shapes = ("alone", "alone", "alone", "alone", "compound", "beside")
    while len(cases) < n_cases:
        kind, shape = KINDS[len(cases) % len(KINDS)], rng.choice(shapes)
        title = rng.choice(titles)
        places = list(_words(title, shape))
        if not places:
            continue
        before, word, after = rng.choice(places)
        error = misspell(word, kind, rng)
        is_word = _n_papers(engine, error) > MAX_PAPERS_OF_ERROR
        if error == word or is_word or _stems(error) == _stems(word) or _n_papers(engine, word) < MIN_PAPERS:
            continue
        cases.append(Case(kind, shape, f"{before}{error}{after}", f"{before}{word}{after}"))
    return cases


def _words(title: str, shape: str) -> Iterator[tuple[str, str, str]]:
    """Words of a title that can be misspelt, with what stands before and after in a query of this shape."""
    if shape == "compound":
        for match in re.finditer(r"(?<![\w-])([A-Za-z]+)-([A-Za-z]+)(?![\w-])", title):
            first, last = match.groups()
            if len(first) >= MIN_LETTERS:
                yield "", first.lower(), f"-{last.lower()}"
            if len(last) >= MIN_LETTERS:
                yield f"{first.lower()}-", last.lower(), ""
        return
    words = [word.lower() for word in re.findall(r"(?<![\w-])[A-Za-z]+(?![\w-])", title)]
    long_words = [word for word in words if len(word) >= MIN_LETTERS and word not in STOP_WORDS]
    for place, word in enumerate(long_words):
        if shape == "alone":
            yield "", word, ""
        elif place:
            yield f"{long_words[place - 1]} ", word, ""


def misspell(word: str, kind: str, rng: random.Random) -> str:
    place = rng.randrange(len(word) - 1)
    if kind == "swapped":
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == "dropped":
        return word[:place] + word[place + 1 :]
    if kind == "doubled":
        return word[: place + 1] + word[place:]
    row = next((row for row in KEYBOARD if word[place] in row), "")
    at = row.find(word[place])
    near = [row[n] for n in (at - 1, at + 1) if 0 <= n < len(row)]
    return word[:place] + rng.choice(near) + word[place + 1 :] if near else word


def _n_papers(engine: SearchBackend, word: str) -> int:
    counts = (engine.document_frequencies(stream, [word])[word] for stream in ("title_exact", "abstract_exact"))
    return max(counts)


def _stems(text: str) -> list[str]:
    return [token.text for token in query_tokens(text)]


def _has_all_words(text: str) -> bool:
    page = search_papers(Question(text, mode="bm25"))
    return page.total > 0 and not page.relaxed


if __name__ == "__main__":
    main()
