"""``manage.py load_starter``: the papers and summaries that come with coolpapers."""

from __future__ import annotations

from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_noop

from coolpapers.papers.errors import PapersError
from coolpapers.papers.importing.services import ImportHooks, ImportOptions, import_file
from coolpapers.papers.records.record import Refusal

STARTER = Path(__file__).resolve().parents[2] / "starter"
# What the papers in the file say of their abstracts. Pages translate it; other labels they show as they are.
ABSTRACT_LABEL = gettext_noop("Summary by the coolpapers project")


class Command(BaseCommand):
    help = (
        "Load the starter library: landmark papers with abstracts and summaries of our own. Run again, it adds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, save nothing")

    def handle(self, *, dry_run: bool, verbosity: int, **_: Any) -> None:
        options = ImportOptions(source="jsonl", dry_run=dry_run)
        try:
            report = import_file(STARTER / "papers.jsonl", options=options, hooks=ImportHooks(refused=self._refused))
        except (PapersError, OSError) as exc:
            raise CommandError(f"The starter library cannot be loaded: {exc}") from exc
        if verbosity:
            self.stdout.write(f"starter papers: {report}{'; nothing was saved (dry run)' if dry_run else ''}")
        # By name, not by import: summaries belong to an app above this one.
        said = StringIO()
        call_command("import_summaries", str(STARTER / "summaries.jsonl"), dry_run=dry_run, stdout=said)
        if verbosity:
            self.stdout.write(f"starter summaries: {said.getvalue().strip().partition(': ')[2]}")
        if report.refused:
            raise CommandError(f"{report.refused:,} starter papers were refused; the others are in the library.")

    def _refused(self, refusal: Refusal) -> None:
        self.stderr.write(f"refused: {refusal}")
