"""How long does the server take to render the cards of a page? One process, no request, papers already read.

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.site.bench_cards [--pages N]

LIBRARY is a data folder with papers (`manage.py import_papers`). Renders pages of papers drawn at random, each page
three times in a row: 25 papers as Compact and Full cards, 50 as List rows. Prints JSON: CPU milliseconds of this
process for the first time and for the fastest one, kilobytes and HTML elements of a page.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from django.contrib.auth.models import AnonymousUser  # noqa: E402
from django.template.loader import get_template  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from coolpapers.papers.lookup.selectors import papers_by_pks  # noqa: E402
from coolpapers.papers.models import Paper  # noqa: E402
from coolpapers.papers.pages.cards import Card, make_cards  # noqa: E402
from coolpapers.papers.pages.paging import Paging  # noqa: E402

CARDS = {"compact": 25, "full": 25, "list": 50}
TRIES = 3  # of each page; other work on the machine only ever adds time


def main(n_pages: int) -> None:
    rng = random.Random(7)
    report: dict[str, Any] = {"bench": "cards", "papers": Paper.objects.count()}
    for density, size in CARDS.items():
        pages = [make_cards(papers_by_pks(draw(rng, size))) for _ in range(n_pages)]
        report[density] = {"cards": size, **measure(pages, density)}
    print(json.dumps(report, indent=1))


def draw(rng: random.Random, size: int) -> list[int]:
    pks = list(Paper.objects.values_list("pk", flat=True))
    return rng.sample(pks, size)


def measure(pages: Sequence[Sequence[Card]], density: str) -> dict[str, float]:
    """The median over pages; the first page warms up what a process loads once."""
    render = renderer(density)
    render(pages[0])
    times: list[list[float]] = []
    sizes, elements = [], []
    for cards in pages[1:]:
        times.append([cpu_ms(partial(render, cards)) for _ in range(TRIES)])
        html = render(cards)
        sizes.append(len(html.encode()) / 1000)
        elements.append(html.count("</") + html.count("<input"))
    return {
        "first_cpu_ms": round(statistics.median(tries[0] for tries in times), 2),
        "cpu_ms": round(statistics.median(map(min, times)), 2),
        "kb": round(statistics.median(sizes), 1),
        "elements": round(statistics.median(elements)),
    }


def renderer(density: str) -> Callable[[Sequence[Card]], str]:
    template = get_template("papers/_cards.html")
    request = RequestFactory(HTTP_HOST="localhost").get("/arxiv/all", {"density": density})
    request.user = AnonymousUser()

    def render(cards: Sequence[Card]) -> str:
        return template.render({"cards": cards, "paging": Paging(0, len(cards), len(cards))}, request)

    return render


def cpu_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=40)
    main(parser.parse_args().pages)
