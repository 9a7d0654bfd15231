"""How long do the names of authors take in the search box, and how much memory does their list need?

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.search.bench_names [--beginnings N]

LIBRARY is a data folder with papers and an index. The beginnings are the first one to five letters of words of random
authors' names, some with a whole word before, and of Chinese names. Prints JSON: CPU milliseconds of the names alone
and of all suggestions, the share of beginnings of two letters or more that offer a name, and seconds and megabytes
of the list.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
import tracemalloc
from collections.abc import Callable, Sequence

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search.bench_search import summary  # noqa: E402
from coolpapers.finding.pages.author_names import MIN_LETTERS, complete_authors  # noqa: E402
from coolpapers.finding.pages.suggestions import suggest  # noqa: E402
from coolpapers.papers.models import Paper  # noqa: E402
from search.base.cached_lists import CachedList  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402
from search.text.name_list import NameList  # noqa: E402
from search.text.scripts import is_unspaced  # noqa: E402

LIMIT = 3
N_CHINESE = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beginnings", type=int, default=400)
    options = parser.parse_args()
    names = sorted({name for authors in Paper.objects.values_list("authors", flat=True) for name in authors})
    beginnings = make_beginnings(names, options.beginnings, random.Random(0))
    report = {"bench": "names", "names": len(names), "beginnings": len(beginnings), "list": measure_list()}
    suggest("neural")  # makes the caches that a running site has
    for name, ask in (("names_ms", lambda text: complete_authors(text, limit=LIMIT)), ("suggestions_ms", suggest)):
        report[name] = measure(ask, beginnings)
    long_enough = [text for text in beginnings if len(text) >= MIN_LETTERS or is_unspaced(text)]
    report["with_names"] = sum(bool(complete_authors(text, limit=LIMIT)) for text in long_enough) / len(long_enough)
    print(json.dumps(report, indent=1))


def make_beginnings(names: Sequence[str], n_beginnings: int, rng: random.Random) -> list[str]:
    chinese = [name for name in names if any(map(is_unspaced, name))][:N_CHINESE]
    beginnings = [name[: rng.randint(1, 3)].strip() for name in chinese]
    for name in rng.sample(names, n_beginnings):
        words = name.split()
        place = rng.randrange(len(words)) if words else 0
        before = f"{words[place - 1]} " if place and rng.random() < 0.3 else ""
        beginnings.append(before + words[place][: rng.randint(1, 5)])
    return beginnings


def measure_list() -> dict[str, float]:
    """Seconds of CPU and megabytes of the list of names, and megabytes while it is made."""
    engine = search_backend()
    engine.count()
    began = time.process_time()
    engine.complete_names(["zzz"], limit=1, wait_s=600)
    took = time.process_time() - began
    made: CachedList[NameList] = engine.__dict__["_lists"][NameList]
    tracemalloc.start()
    remade = made._make()
    size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"names": len(remade), "cpu_s": round(took, 2), "mb": round(size / 1e6, 1), "peak_mb": round(peak / 1e6, 1)}


def measure(ask: Callable[[str], object], texts: Sequence[str]) -> dict[str, float]:
    times = []
    for text in texts:
        began = time.process_time()
        ask(text)
        times.append((time.process_time() - began) * 1000)
    return summary(times)


if __name__ == "__main__":
    main()
