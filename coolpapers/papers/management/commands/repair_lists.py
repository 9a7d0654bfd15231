"""``manage.py repair_lists``: category rows get the day of their paper where the two differ."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from coolpapers.papers.importing.curation import repair_days


class Command(BaseCommand):
    help = (
        "Compare the days of papers with those that lists are read by, and correct the latter. Needed only after SQL "
        "from outside has changed papers."
    )

    def handle(self, *, verbosity: int, **_: Any) -> None:
        n_papers = repair_days()
        if verbosity:
            self.stdout.write(f"{n_papers:,} papers repaired.")
