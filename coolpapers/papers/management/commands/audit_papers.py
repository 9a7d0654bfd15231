"""``manage.py audit_papers``: name what a listing has and the library lacks."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError

from coolpapers.papers.errors import PapersError
from coolpapers.papers.harvesting.arguments import day_argument
from coolpapers.papers.harvesting.audit import AuditReport, audit, list_repository, read_listing
from coolpapers.papers.harvesting.fetching import ARXIV_INTERVAL_S, PoliteClient, Timing
from coolpapers.papers.harvesting.harvest import HarvestRequest


class Command(BaseCommand):
    help = (
        "Compare the library with a listing, per day and category: a file (ids one a line, JSON Lines, any form that "
        "import_papers reads, saved OAI-PMH answers; - is standard input), or an OAI-PMH repository asked now. Exit "
        "status 1 if something is missing."
    )
    transport: httpx.BaseTransport | None = None  # put in by tests

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("listing", nargs="?", metavar="FILE", help="the listing; left out with --base-url")
        parser.add_argument("--base-url", help="ask this OAI-PMH repository")
        parser.add_argument(
            "--prefix", default="oai_dc", help="metadata form named in the question; default: %(default)s"
        )
        parser.add_argument("--set", default="", help="ask for this set only")
        parser.add_argument("--from", dest="from_date", type=day_argument, metavar="DATE", help="first day, 2024-05-31")
        parser.add_argument("--until", dest="until_date", type=day_argument, metavar="DATE", help="last day")
        parser.add_argument(
            "--interval", type=float, default=ARXIV_INTERVAL_S, metavar="SECONDS", help="between requests"
        )
        parser.add_argument(
            "--category", action="append", default=[], metavar="CODE", help="only this; may be repeated"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")

    def handle(self, **options: Any) -> None:
        if bool(options["listing"]) == bool(options["base_url"]):
            raise CommandError("Name either a listing's file or a repository with --base-url.")
        try:
            report = self._from_repository(options) if options["base_url"] else self._from_file(options)
        except OSError as exc:
            raise CommandError(str(exc) if isinstance(exc, PapersError) else f"{exc.filename}: {exc.strerror}") from exc
        except PapersError as exc:
            raise CommandError(str(exc)) from exc
        (self._write_json if options["json"] else self._write_text)(report)
        for reason in report.unreadable:
            self.stderr.write(reason)
        problems = [
            f"{len(report.missing):,} of {report.n_listed:,} papers are missing." if report.missing else "",
            f"{len(report.unreadable):,} entries could not be read, such as {report.unreadable[0]}"
            if report.unreadable
            else "",
        ]
        if any(problems):
            raise CommandError(" ".join(filter(None, problems)), returncode=1)

    def _from_file(self, options: dict[str, Any]) -> AuditReport:
        if options["listing"] == "-":
            return audit(read_listing(Path("-"), sys.stdin.buffer), categories=options["category"])
        path = Path(options["listing"])
        with path.open("rb") as raw:
            return audit(read_listing(path, raw), categories=options["category"])

    def _from_repository(self, options: dict[str, Any]) -> AuditReport:
        request = HarvestRequest(
            base_url=options["base_url"],
            metadata_prefix=options["prefix"],
            set_spec=options["set"],
            from_date=options["from_date"] or "",
            until_date=options["until_date"] or "",
        )
        timing = Timing(clock=time.monotonic, sleep=time.sleep, now=lambda: datetime.now(UTC))
        with PoliteClient(timing=timing, interval_s=options["interval"], transport=self.transport) as client:
            return audit(list_repository(request, client=client), categories=options["category"])

    def _write_text(self, report: AuditReport) -> None:
        for (day, code), row in sorted(report.rows.items()):
            name = " ".join(part for part in (day, code) if part) or "all"
            line = f"{name}: {row.n_listed:,} listed, {row.n_held:,} held"
            self.stdout.write(f"{line}, missing: {' '.join(row.missing)}" if row.missing else line)
        if not report.missing:
            self.stdout.write(f"Nothing is missing: all {report.n_listed:,} papers are in the library.")

    def _write_json(self, report: AuditReport) -> None:
        rows = [
            {"day": day, "category": code, "listed": row.n_listed, "held": row.n_held, "missing": row.missing}
            for (day, code), row in sorted(report.rows.items())
        ]
        result = {"listed": report.n_listed, "missing": report.missing, "unreadable": report.unreadable, "rows": rows}
        self.stdout.write(json.dumps(result, ensure_ascii=False))
