"""``manage.py send_digests``: mail readers what is new for their saved searches, here and now."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coolpapers.base.progress import stop_signal
from coolpapers.people.alerts.sending import Report, send_digests


class Command(BaseCommand):
    help = "Mail every reader who wants it the new papers of the saved searches; sends nothing where nothing is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say who would get what; send and remember nothing")
        parser.add_argument("--limit", type=int, metavar="N", help="stop after N mails")

    def handle(self, *args: Any, **options: Any) -> None:
        with stop_signal() as should_stop:  # after the mail in hand
            report = send_digests(
                clock=timezone.now, limit=options["limit"], dry_run=options["dry_run"], should_stop=should_stop
            )
            stopped = should_stop()
        self._tell(report)
        if report.failures:
            raise CommandError(f"{len(report.failures):,} could not be served; the next run tries again.", returncode=1)
        if stopped:
            raise CommandError("Stopped; the next run goes on.", returncode=128 + signal.SIGTERM)

    def _tell(self, report: Report) -> None:
        for line in report.would_send:
            self.stdout.write(f"would send {line}")
        for failure in report.failures:
            self.stderr.write(failure)
        self.stdout.write(
            f"{report.n_mails:,} mails with {report.n_papers:,} papers, {report.n_nothing:,} readers without news, "
            f"{report.n_busy:,} in another run's hands, {report.n_broken:,} queries that cannot be read"
        )
