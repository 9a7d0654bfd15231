"""How long does the server take for pages of Django's admin, the page for librarians, metrics and the sitemap?

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.site.bench_admin [--repeat N]

LIBRARY is a copy of a data folder, to which an administrator is added. Requests are made in this process, with all
middleware, each address once before it is timed. Prints JSON: median and largest wall-clock time and CPU time of the
process in milliseconds, and the size of the page in kilobytes.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
os.environ.setdefault("COOLPAPERS_ALLOWED_HOSTS", "testserver,localhost")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from coolpapers.papers.models import ImportRun, Paper, PaperPair, Venue  # noqa: E402


def addresses() -> dict[str, str]:
    papers, middle = reverse("admin:papers_paper_changelist"), Paper.objects.order_by("pk")[Paper.objects.count() // 2]
    venue, run, pair = Venue.objects.first(), ImportRun.objects.first(), PaperPair.objects.first()
    found = {
        "index": reverse("admin:index"),
        "paper_list": papers,
        "paper_list_search": f"{papers}?q=graph+neural",
        "paper_list_identifier": f"{papers}?q={middle.arxiv_id or middle.key}",
        "paper_list_year": f"{papers}?year=2024",
        "paper_list_category": f"{papers}?category=cs.CL",
        "paper_list_source": f"{papers}?source=arxiv",
        "paper_list_last_page": f"{papers}?p={Paper.objects.count() // 50}",
        "paper_list_by_title": f"{papers}?o=1",
        "paper_change": reverse("admin:papers_paper_change", args=[middle.pk]),
        "venue_list": reverse("admin:papers_venue_changelist"),
        "category_list": reverse("admin:papers_category_changelist"),
        "run_list": reverse("admin:papers_importrun_changelist"),
        "pair_list": reverse("admin:papers_paperpair_changelist"),
        "pair_list_search": f"{reverse('admin:papers_paperpair_changelist')}?q=graph",
        "status": "/status",
        "metrics": "/metrics",
        "sitemap": "/sitemap.xml",
        "sitemap_part": "/sitemap/papers-1.xml",
    }
    if venue:
        found["venue_change"] = reverse("admin:papers_venue_change", args=[venue.pk])
    if run:
        found["run_change"] = reverse("admin:papers_importrun_change", args=[run.pk])
    if pair:
        found["pair_change"] = reverse("admin:papers_paperpair_change", args=[pair.pk])
    return found


def measure(client: Client, address: str, repeat: int) -> dict[str, Any]:
    answer = client.get(address, headers={"Host": "localhost"})
    assert answer.status_code == 200, (address, answer.status_code)
    wall, cpu = [], []
    for _ in range(repeat):
        began, began_cpu = time.perf_counter(), time.process_time()
        answer = client.get(address, headers={"Host": "localhost"})
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - began_cpu) * 1000)
    return {
        "median_ms": round(statistics.median(wall)),
        "max_ms": round(max(wall)),
        "cpu_ms": round(statistics.median(cpu)),
        "kb": len(answer.content) // 1000,
    }


def main(repeat: int) -> None:
    logging.disable(logging.WARNING)
    user, _ = User.objects.get_or_create(username="bench-admin", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    pages = {name: measure(client, address, repeat) for name, address in addresses().items()}
    slowest = max(pages, key=lambda name: int(pages[name]["median_ms"]))
    report = {"bench": "admin", "papers": Paper.objects.count(), "slowest": slowest, **pages}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    main(parser.parse_args().repeat)
