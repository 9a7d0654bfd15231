"""``manage.py harvest_papers``: bring papers from arXiv or another OAI-PMH repository into the library."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coolpapers.base.progress import ProgressLine, stop_signal
from coolpapers.papers.errors import PapersError
from coolpapers.papers.harvesting.arguments import day_argument
from coolpapers.papers.harvesting.arxiv_query import get_records, query_arxiv
from coolpapers.papers.harvesting.fetching import ARXIV_INTERVAL_S, PoliteClient, Stopped, Timing
from coolpapers.papers.harvesting.harvest import ARXIV_OAI_URL, HarvestRequest, harvest
from coolpapers.papers.importing.services import ImportHooks
from coolpapers.papers.importing.upserting import Upserter, UpsertReport
from coolpapers.papers.records.record import Refusal
from search.base.aliases import ShouldStop
from search.vocabulary.identifiers import parse_identifiers


class Command(BaseCommand):
    help = (
        "Harvest an OAI-PMH repository. Without --from, takes what changed since the last harvest; an interrupted "
        "harvest goes on where it stopped. Exit status 1 if some records were refused."
    )
    transport: httpx.BaseTransport | None = None  # put in by tests

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", default=ARXIV_OAI_URL, help="the repository; default: %(default)s")
        parser.add_argument(
            "--prefix",
            default="arXiv",
            help="metadata form: arXiv, arXivRaw, oai_dc or, for another site of this software, coolpapers",
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar="SET", help="such as cs or math; may be repeated"
        )
        parser.add_argument("--from", dest="from_date", type=day_argument, metavar="DATE", help="first day, 2024-05-31")
        parser.add_argument("--until", dest="until_date", type=day_argument, metavar="DATE", help="last day")
        parser.add_argument(
            "--ids", metavar="IDS", help="only these arXiv papers: from arXiv's query API, or from --base-url"
        )
        parser.add_argument(
            "--interval", type=float, default=ARXIV_INTERVAL_S, metavar="SECONDS", help="between requests"
        )
        parser.add_argument("--limit", type=int, metavar="N", help="stop after the page that reaches N records")
        parser.add_argument("--dry-run", action="store_true", help="ask and check, save nothing")
        parser.add_argument("--restart", action="store_true", help="forget an interrupted harvest, begin again")

    def handle(self, **options: Any) -> None:
        self.progress = ProgressLine(sys.stderr, clock=time.monotonic)
        timing = Timing(clock=time.monotonic, sleep=time.sleep, now=lambda: datetime.now(UTC))
        with stop_signal() as stopped:
            client = PoliteClient(
                timing=timing, interval_s=options["interval"], transport=self.transport, should_stop=stopped
            )
            with client:
                try:
                    reports = self._run(client, stopped, options)
                except PapersError as exc:
                    self.progress.clear()
                    raise CommandError(f"{exc} Run the same command again to go on.") from exc
            if stopped():
                raise CommandError("Stopped; run the same command again to go on.", returncode=143)
        n_refused = sum(report.refused for report in reports)
        if n_refused:
            raise CommandError(f"{n_refused:,} records were refused; the others are in the library.", returncode=1)

    def _run(self, client: PoliteClient, stopped: ShouldStop, options: dict[str, Any]) -> list[UpsertReport]:
        if options["ids"]:
            return [self._query(client, options)]
        hooks = ImportHooks(
            refused=self._refused,
            progressed=lambda report, share: self.progress.show(report.position, share=share),
            should_stop=stopped,
        )
        reports = []
        for set_spec in options["set"] or [""]:
            request = HarvestRequest(
                base_url=options["base_url"],
                metadata_prefix=options["prefix"],
                set_spec=set_spec,
                from_date=options["from_date"] or "",
                until_date=options["until_date"] or "",
            )
            report = harvest(
                request,
                client=client,
                now=timezone.now(),
                limit=options["limit"],
                dry_run=options["dry_run"],
                restart=options["restart"],
                hooks=hooks,
            )
            self._say(f"{request.base_url} {set_spec}".strip(), report)
            reports.append(report)
        return reports

    def _query(self, client: PoliteClient, options: dict[str, Any]) -> UpsertReport:
        ids = options["ids"]
        identifiers = parse_identifiers(ids)
        if not identifiers or any(identifier.source != "arxiv" for identifier in identifiers):
            raise CommandError(f"--ids {ids!r} is not a list of arXiv ids such as 2406.01234,hep-th/9901001.")
        values = [identifier.value for identifier in identifiers]
        if options["base_url"] == ARXIV_OAI_URL:
            location, items = "arXiv", query_arxiv(values, client=client)
        else:
            location = options["base_url"]
            items = get_records(location, values, client=client, metadata_prefix=options["prefix"])
        upserter = Upserter(location=location, now=timezone.now(), dry_run=options["dry_run"], refused=self._refused)
        try:
            report = upserter.run(items)
        except Stopped:
            report = upserter.report
        self._say(location, report)
        return report

    def _refused(self, refusal: Refusal) -> None:
        self.progress.clear()
        self.stderr.write(f"refused: {refusal}")

    def _say(self, name: str, report: UpsertReport) -> None:
        self.progress.clear()
        self.stdout.write(f"{name}: {report}")
