from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.finding.indexing.index import check_index
from search.engines.registry import search_backend


class Command(BaseCommand):
    help = "Compare the search index with the library; exit with 1 and the command that mends it if they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--backend", help="Entry of SEARCH_BACKENDS; the one in use by default.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = check_index(search_backend(options["backend"]))
        except LookupError as exc:
            raise CommandError(str(exc)) from exc
        if report.problems:
            raise CommandError("\n".join(report.problems))
        if options["verbosity"] > 0:
            self.stdout.write(f"The index holds all {report.n_indexed:,} papers of the library.")
