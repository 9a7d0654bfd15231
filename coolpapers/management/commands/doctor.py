"""``manage.py doctor``: report problems of a site and how to fix them."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coolpapers.management.diagnosis import BROKEN, OK, Finding, diagnose


class Command(BaseCommand):
    help = (
        "Check every part of the site; name each problem and the command that fixes it. Exits with 1 if one is broken."
    )
    requires_system_checks = []  # they would stop at the problems that this command reports

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = diagnose()
        broken = [finding.part for finding in findings if finding.state == BROKEN]
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
