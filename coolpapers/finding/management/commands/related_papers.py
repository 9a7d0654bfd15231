from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.finding.questions import Filters
from coolpapers.finding.related import find_related
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.redirects import find_named
from search.errors import SearchError
from search.neural.encoding import LOAD_PATIENCE_S
from search.ranking.pipeline import MODES
from search.ranking.related import SORTS, RelatedHit, RelatedPage, RelatedRequest


class Command(BaseCommand):
    help = "Papers related to one: `related_papers 2406.01234 --json --explain`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="An arXiv id, a DOI, another identifier that the search box accepts, or a key.")
        parser.add_argument("--json", action="store_true", help="One JSON object instead of lines.")
        parser.add_argument(
            "--explain", action="store_true", help="Show which signals found each paper, and the shared words."
        )
        parser.add_argument("--top", type=int, default=10, help="The number of papers (10).")
        parser.add_argument("--sort", default="similarity", choices=SORTS)
        parser.add_argument("--mode", choices=MODES, help="The ranking mode; SEARCH_MODE by default.")
        parser.add_argument(
            "--category", action="append", default=[], help="Only papers of this category; may be repeated."
        )
        parser.add_argument("--venue", action="append", default=[], help="Only papers of this venue; may be repeated.")

    def handle(self, *args: Any, **options: Any) -> None:
        paper = Paper.objects.filter(key=options["id"]).first() or find_named(options["id"])[0]
        if paper is None:
            raise CommandError(f"{options['id']!r} is not in this library.")
        filters = Filters(categories=tuple(options["category"]), venues=tuple(options["venue"]))
        request = RelatedRequest(
            top_k=max(options["top"], 0), sort=options["sort"], mode=options["mode"], conditions=filters.nodes()
        )
        try:
            page = find_related(paper, request, wait_s=LOAD_PATIENCE_S)
        except SearchError as exc:
            raise CommandError(str(exc)) from exc
        titles = dict(Paper.objects.filter(key__in=[hit.key for hit in page.hits]).values_list("key", "title"))
        if options["json"]:
            answer = _as_json(page, titles, is_explained=options["explain"])
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for note in page.notes:
            self.stdout.write(note)
        for number, hit in enumerate(page.hits, start=1):
            self.stdout.write(f"{number:3}. {hit.score:7.4f}  {hit.key}  {titles.get(hit.key, '')}")
            if options["explain"]:
                self.stdout.write(f"     {_reason(hit)}")


def _as_json(page: RelatedPage, titles: dict[str, str], *, is_explained: bool) -> dict[str, Any]:
    hits = []
    for hit in page.hits:
        entry: dict[str, Any] = {"id": hit.key, "title": titles.get(hit.key, ""), "score": hit.score}
        if is_explained:
            entry["explanation"] = {"signals": hit.signals} | asdict(hit)
            del entry["explanation"]["key"], entry["explanation"]["score"]
        hits.append(entry)
    return {"id": page.key, "total": page.total, "sort": page.sort, "hits": hits, "notes": list(page.notes)}


def _reason(hit: RelatedHit) -> str:
    details = {"words": f"BM25 {hit.bm25_score or 0:.2f}", "meaning": f"cosine {hit.similarity or 0:.2f}"}
    parts = [f"{name}: rank {rank}, {details.get(name, 'of anchor scores')}" for name, rank in hit.ranks.items()]
    return "; ".join([*parts, f"shared: {', '.join(hit.shared) or 'none'}"])
