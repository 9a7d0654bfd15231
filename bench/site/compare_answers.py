"""Do two checkouts give the same answers? Searches, related papers, formulas and exports, compared byte for byte.

    python bench/site/compare_answers.py record OUT.jsonl --checkout DIR --library LIBRARY --shared SHARED
    python bench/site/compare_answers.py compare BEFORE.jsonl AFTER.jsonl

``record`` starts a process in the checkout ``DIR`` and asks it through its public interfaces only (the JSON API, the
search page, ``render_markdown``'s functions by their public names), so that the code inside may have moved. LIBRARY
is a data folder with papers, index and vectors, SHARED the folder of the shared data. ``compare`` prints JSON: how
many answers there are of each kind, how many differ, and the first of them. Exit status 1 where any differs.

A stage that exceeds its time answers with the ranking before it; the process therefore runs with long time limits.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

MODES = ("bm25", "dense", "hybrid", "rerank")
HIGHLIGHTED_MODES = ("bm25", "hybrid")  # a page's highlights do not depend on the order, only on the hits
N_QUERIES, N_RELATED, N_EXPORTS = 1_000, 200, 500
FORMATS = ("bibtex", "ris", "csl", "endnote", "markdown", "text", "abstract")
PATIENT = {"dense": 120_000, "rerank": 120_000}  # milliseconds
CARD_TEXT = re.compile(
    r'<h2 class="card-title"[^>]*>(?:<a [^>]*>)?(?P<title>.*?)(?:</a>)?</h2>|'
    r'<div class="card-abstract"[^>]*>(?P<abstract>.*?)</div>',
    re.DOTALL,
)
MARKDOWN = ("coolpapers.reading.markup.markdown", "coolpapers.reading.markdown")

Answer = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    record = commands.add_parser("record")
    record.add_argument("out", type=Path)
    record.add_argument("--checkout", type=Path, required=True)
    record.add_argument("--library", type=Path, required=True)
    record.add_argument("--shared", type=Path, required=True)
    record.add_argument("--queries", type=int, default=N_QUERIES)
    record.add_argument("--kinds", nargs="*", default=["search", "highlight", "related", "math", "export"])
    record.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    compare = commands.add_parser("compare")
    compare.add_argument("before", type=Path)
    compare.add_argument("after", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "compare":
        return _compare(arguments.before, arguments.after)
    return _record_inside(arguments) if arguments.inside else _start(arguments)


def _start(arguments: argparse.Namespace) -> int:
    environment = os.environ | {
        "COOLPAPERS_DATA_DIR": str(arguments.library.resolve()),
        "COOLPAPERS_API_RATE": "0",
        "DJANGO_SETTINGS_MODULE": "coolpapers.settings",
        "PYTHONPATH": str(arguments.checkout.resolve()),
    }
    command = [sys.executable, str(Path(__file__).resolve()), *sys.argv[1:], "--inside"]
    return subprocess.run(command, cwd=arguments.checkout, env=environment, check=False).returncode


# ---- inside the checkout -----------------------------------------------------------------------------


def _record_inside(arguments: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SEARCH_STAGE_BUDGETS_MS = PATIENT
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # pages link files that nobody fetches
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    client = Client()
    queries = list(islice(_queries(arguments.shared), arguments.queries))
    recorders = {
        "search": lambda: _searches(client, queries),
        "highlight": lambda: _highlights(client, queries),
        "related": lambda: _related(client),
        "math": lambda: _formulas(arguments.shared),
        "export": lambda: _exports(client),
    }
    _wait_for_models(client)
    with arguments.out.open("w", encoding="utf-8") as file:
        for kind in arguments.kinds:
            began, n_answers = time.perf_counter(), 0
            for answer in recorders[kind]():
                file.write(json.dumps({"kind": kind, **answer}, sort_keys=True, ensure_ascii=False) + "\n")
                n_answers += 1
            print(f"{kind}: {n_answers} answers in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return 0


def _queries(shared: Path) -> Iterator[str]:
    """The unjudged log first, then the queries of the judged sets that are about the shared papers."""
    for name in (
        "queries_unjudged",
        "eval/topics_dev/queries",
        "eval/autoscholar_dev/queries",
        "eval/topics_train/queries",
    ):
        with gzip.open(shared / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            yield from (json.loads(line)["text"] for line in file)


def _wait_for_models(client: Any) -> None:
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        answer = client.get("/api/v1/search", {"q": "graph", "mode": "rerank", "strict": "false"}).json()
        if answer["mode"] == "rerank":
            return
        time.sleep(2)
    raise SystemExit("The models did not load in ten minutes.")


def _searches(client: Any, queries: list[str]) -> Iterator[Answer]:
    for query in queries:
        for mode in MODES:
            parameters = {
                "q": query,
                "mode": mode,
                "strict": "false",
                "explain": "true",
                "limit": "25",
                "fields": "title",
            }
            answer = client.get("/api/v1/search", {**parameters, "facets": "category,venue,year"}).json()
            parts = ("total", "mode", "relaxed", "suggestion", "facets", "hits", "status")
            yield {"id": [query, mode], "answer": {name: answer.get(name) for name in parts}}


def _highlights(client: Any, queries: list[str]) -> Iterator[Answer]:
    for query in queries:
        for mode in HIGHLIGHTED_MODES:
            page = client.get("/search", {"q": query, "mode": mode}).content.decode()
            texts = [match["title"] or match["abstract"] for match in CARD_TEXT.finditer(page)]
            yield {"id": [query, mode], "answer": texts}


def _related(client: Any) -> Iterator[Answer]:
    for key in _keys(N_RELATED):
        answer = client.get(f"/api/v1/related/{key}", {"limit": "25", "explain": "true", "fields": "title"}).json()
        yield {"id": key, "answer": {name: answer.get(name) for name in ("total", "hits", "status")}}


def _formulas(shared: Path) -> Iterator[Answer]:
    markdown = _first_module(MARKDOWN)
    render = {"abstract": markdown.render_abstract, "title": markdown.render_title}
    for line in (shared / "math_cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        text = case.get("input") or case.get("text") or case.get("markdown") or ""
        yield {"id": case.get("id"), "answer": str(render.get(case.get("mode"), markdown.render_markdown)(text))}


def _exports(client: Any) -> Iterator[Answer]:
    for number, key in enumerate(_keys(N_EXPORTS)):
        name = FORMATS[number % len(FORMATS)]
        yield {"id": [key, name], "answer": client.get(f"/api/v1/cite/{key}", {"format": name}).content.decode()}


def _keys(number: int) -> list[str]:
    """Keys of papers spread evenly over the library."""
    from django.apps import apps

    keys = list(apps.get_model("papers", "Paper").objects.order_by("pk").values_list("key", flat=True))
    return keys[:: max(1, len(keys) // number)][:number]


def _first_module(names: tuple[str, ...]) -> Any:
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    raise SystemExit(f"None of these modules is in the checkout: {', '.join(names)}")


# ---- comparing ---------------------------------------------------------------------------------------


def _compare(before: Path, after: Path) -> int:
    old, new = _read(before), _read(after)
    counts = Counter(kind for kind, _ in old)
    differing = [key for key in old if old[key] != new.get(key)]
    report = {
        "answers": counts,
        "missing": sum(key not in new for key in old),
        "differing": Counter(kind for kind, _ in differing),
        "first": [
            {"kind": kind, "id": ident, "before": old[kind, ident][:600], "after": new.get((kind, ident), "")[:600]}
            for kind, ident in differing[:5]
        ],
    }
    print(json.dumps(report, indent=1, ensure_ascii=False))
    return 1 if differing else 0


def _read(path: Path) -> dict[tuple[str, str], str]:
    answers = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        answers[row["kind"], json.dumps(row["id"], ensure_ascii=False)] = json.dumps(
            row["answer"], sort_keys=True, ensure_ascii=False
        )
    return answers


if __name__ == "__main__":
    raise SystemExit(main())
