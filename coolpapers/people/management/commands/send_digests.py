"""``manage.py send_digests``: send the e-mail alerts of saved searches now."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coolpapers.base.progress import stop_signal
from coolpapers.people.alerts.sending import Report, send_digests


class Command(BaseCommand):
    help = "Mail subscribed readers the new papers of their saved searches; readers without news get no mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list the mails; send and store nothing")
        parser.add_argument("--limit", type=int, metavar="N", help="stop after N mails")

    def handle(self, *args: Any, **options: Any) -> None:
        with stop_signal() as should_stop:  # stops after the present mail
            report = send_digests(
                clock=timezone.now, limit=options["limit"], dry_run=options["dry_run"], should_stop=should_stop
            )
            stopped = should_stop()
        self._print(report)
        if report.failures:
            raise CommandError(f"{len(report.failures):,} failed; the next run retries them.", returncode=1)
        if stopped:
            raise CommandError("Stopped; the next run continues.", returncode=128 + signal.SIGTERM)

    def _print(self, report: Report) -> None:
        for line in report.would_send:
            self.stdout.write(f"would send {line}")
        for failure in report.failures:
            self.stderr.write(failure)
        self.stdout.write(
            f"{report.n_mails:,} mails with {report.n_papers:,} papers, "
            f"{report.n_without_news:,} readers without news, {report.n_leased:,} leased by another run, "
            f"{report.n_invalid_queries:,} invalid queries"
        )
        if report.n_in_doubt:
            self.stdout.write(
                f"{report.n_in_doubt:,} mails of a killed run may have arrived or not; they are not sent again."
            )
