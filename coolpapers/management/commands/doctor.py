"""``manage.py doctor``: report problems of a site and how to fix them."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coolpapers.management.diagnosis import BROKEN, OK, Finding, diagnose

RETRY_S = 1.0


class Command(BaseCommand):
    help = (
        "Check every part of the site; name each problem and the command that fixes it. Exits with 1 if one is broken."
    )
    requires_system_checks = []  # they would stop at the problems that this command reports

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--wait",
            type=float,
            default=0.0,
            metavar="SECONDS",
            help="if a part is broken, check again until none is, at most this long; for services that just started",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        end = time.monotonic() + options["wait"]
        findings = diagnose()
        while (broken := broken_parts(findings)) and time.monotonic() < end:
            time.sleep(RETRY_S)
            findings = diagnose()
        if options["json"]:
            parts = [finding.as_json() for finding in findings]
            self.stdout.write(json.dumps({"ok": not broken, "parts": parts}, ensure_ascii=False))
        else:
            for finding in findings:
                self._write_line(finding)
        if broken:
            raise CommandError(f"Broken: {', '.join(broken)}.", returncode=1)

    def _write_line(self, finding: Finding) -> None:
        style = {OK: self.style.SUCCESS, BROKEN: self.style.ERROR}.get(finding.state, self.style.WARNING)
        self.stdout.write(f"{style(f'{finding.state:8}')} {finding.part:14} {finding.sentence()}")
        if finding.cure:
            self.stdout.write(f"{'':24}→ {finding.cure}")


def broken_parts(findings: Sequence[Finding]) -> list[str]:
    """The parts that do not work."""
    return [finding.part for finding in findings if finding.state == BROKEN]
