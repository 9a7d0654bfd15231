"""``manage.py harvest_sources``: harvest the site's sources now, or list them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coolpapers.feeding.models import FeedSource
from coolpapers.feeding.scheduling import claim, is_due, run_source

NO_END_S = 10 * 365 * 86_400.0


class Command(BaseCommand):
    help = (
        "Harvest the named sources, or all that are due, to their end. Sources are added at /site/sources or in the "
        "admin. Exit status 1 if one failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="sources; default: those that are due")
        parser.add_argument("--list", action="store_true", help="show the sources and their last results")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for source in FeedSource.objects.all():
                self.stdout.write(self._line(source))
            return
        failed = [source.name for source in self._chosen(options["names"]) if not self._harvest(source)]
        if failed:
            raise CommandError(f"Not harvested: {', '.join(failed)}. Run the command again to go on.", returncode=1)

    def _chosen(self, names: list[str]) -> list[FeedSource]:
        if not names:
            return [source for source in FeedSource.objects.all() if is_due(source, timezone.now())]
        sources = {source.name: source for source in FeedSource.objects.filter(name__in=names)}
        missing = [name for name in names if name not in sources]
        if missing:
            raise CommandError(f"There is no source {', '.join(missing)}; --list shows all.")
        return [sources[name] for name in names]

    def _harvest(self, source: FeedSource) -> bool:
        if not claim(source, timezone.now()):
            self.stderr.write(f"{source.name}: another process is harvesting it")
            return False
        outcome = run_source(source, now=timezone.now, run_s=NO_END_S)
        self.stdout.write(self._line(outcome.source))
        return outcome.is_complete

    def _line(self, source: FeedSource) -> str:
        if source.error:
            state = f"failed: {source.error}"
        elif source.finished_at is None:
            state = "not harvested yet"
        else:
            counts = f"{source.n_added:,} added, {source.n_changed:,} changed, {source.n_refused:,} refused"
            state = f"{source.finished_at:%Y-%m-%d %H:%M} {counts}"
        return f"{source.name} ({source.kind}): {state}"
