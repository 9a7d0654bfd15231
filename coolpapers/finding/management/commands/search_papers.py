from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.finding.questions import Question
from coolpapers.finding.services import search_papers
from coolpapers.papers.models import Paper
from search.engines.registry import search_backend
from search.engines.results import Hit, SearchPage
from search.errors import QuerySyntaxError, QueryTooLarge, SearchError
from search.neural.encoding import LOAD_PATIENCE_S
from search.ranking.pipeline import MODES

EXIT_SYNTAX = 2


class Command(BaseCommand):
    help = "Search the library: `search_papers 'au:Hinton year>2010' --json --top 5`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", help="The query, in the query language of the search box.")
        parser.add_argument("--json", action="store_true", help="One JSON object instead of lines.")
        parser.add_argument("--top", type=int, default=10, help="The number of hits (10).")
        parser.add_argument("--start", type=int, default=0, help="Index of the first hit, from 0.")
        parser.add_argument("--sort", default="relevance", choices=["relevance", "newest", "oldest", "updated"])
        parser.add_argument("--mode", choices=MODES, help="The ranking mode; SEARCH_MODE by default.")
        parser.add_argument("--explain", action="store_true", help="Show the contribution of each word to the score.")
        parser.add_argument("--backend", help="Entry of SEARCH_BACKENDS; SEARCH_BACKEND by default.")

    def handle(self, *args: Any, **options: Any) -> None:
        question = Question(
            options["query"],
            mode=options["mode"],
            sort=options["sort"],
            start=max(options["start"], 0),
            top_k=max(options["top"], 0),
            explain=options["explain"],
            strict=True,
        )
        try:
            page = search_papers(question, engine=search_backend(options["backend"]), wait_s=LOAD_PATIENCE_S)
        except (QuerySyntaxError, QueryTooLarge) as exc:
            raise CommandError(str(exc), returncode=EXIT_SYNTAX) from exc
        except (SearchError, LookupError) as exc:
            raise CommandError(str(exc)) from exc
        titles = dict(Paper.objects.filter(key__in=[hit.key for hit in page.hits]).values_list("key", "title"))
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(page, titles), ensure_ascii=False))
        else:
            self._write_lines(page, titles)

    def _write_lines(self, page: SearchPage, titles: dict[str, str]) -> None:
        for note in page.notes:
            self.stdout.write(note)
        if page.suggestion:
            self.stdout.write(f"Did you mean: {page.suggestion}")
        self.stdout.write(f"{page.total:,} papers")
        for number, hit in enumerate(page.hits, start=page.start + 1):
            if page.names and number == page.n_with_names + 1:
                self.stdout.write(f"     The papers below do not contain {', '.join(page.names)}.")
            self.stdout.write(f"{number:3}. {hit.score:8.3f}  {hit.key}  {titles.get(hit.key, '')}")
            for share in _shares(hit):
                self.stdout.write(f"     {share['score']:8.3f}  {share['field']}: {share['term']}")
            if hit.explanation and hit.explanation.similarity is not None:
                self.stdout.write(f"     {hit.explanation.similarity:8.3f}  similarity")
            if hit.explanation and hit.explanation.coverage is not None:
                self.stdout.write(f"     {hit.explanation.coverage:8.3f}  coverage of the query's words")
            if hit.explanation and hit.explanation.rank_before is not None:
                self.stdout.write(f"     rank {hit.explanation.rank_before} before reranking")


def _as_json(page: SearchPage, titles: dict[str, str]) -> dict[str, Any]:
    hits = []
    for hit in page.hits:
        entry: dict[str, Any] = {"id": hit.key, "title": titles.get(hit.key, ""), "score": hit.score}
        if hit.explanation:
            entry["explanation"] = asdict(hit.explanation)
        hits.append(entry)
    return {
        "query": page.query,
        "mode": page.mode,
        "total": page.total,
        "hits": hits,
        "notes": list(page.notes),
        "relaxed": page.relaxed,
        "suggestion": page.suggestion,
    }


def _shares(hit: Hit) -> list[dict[str, Any]]:
    shares = [asdict(share) for share in hit.explanation.shares] if hit.explanation else []
    return sorted(shares, key=lambda share: -share["score"])
