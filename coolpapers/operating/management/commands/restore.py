"""``manage.py restore``: put a backup into an empty site."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.base.progress import ProgressLine
from coolpapers.operating.backups.archive import Manifest
from coolpapers.operating.backups.restoring import Hooks, RestoreReport, read_manifest, restore_backup
from coolpapers.operating.backups.variables import HIDDEN, site_variables
from coolpapers.operating.errors import OperatingError


class Command(BaseCommand):
    help = (
        "Restore a backup into an empty site, on SQLite or PostgreSQL, whichever it was made on. Stop the site first."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that `backup` wrote")
        parser.add_argument("--replace", action="store_true", help="delete what the site holds")
        parser.add_argument("--list", action="store_true", help="show what the backup holds; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = read_manifest(options["file"])
            if options["list"]:
                self._list(manifest)
                return
            report = self._restore(options["file"], manifest, options)
        except FileNotFoundError as exc:
            raise CommandError(f"There is no file {exc.filename}.") from exc
        except OperatingError as exc:
            raise CommandError(str(exc)) from exc
        self._report(report)
        call_command("update_index", stdout=self.stdout, verbosity=options["verbosity"])

    def _restore(self, path: Path, manifest: Manifest, options: dict[str, Any]) -> RestoreReport:
        is_wanted = options["verbosity"] > 0
        megabytes = ProgressLine(
            sys.stderr, clock=time.monotonic, unit="MB verified", n_total=manifest.n_bytes >> 20, is_wanted=is_wanted
        )
        rows = ProgressLine(sys.stderr, clock=time.monotonic, unit="rows", n_total=manifest.n_rows, is_wanted=is_wanted)
        hooks = Hooks(verified=lambda n_bytes: megabytes.show(n_bytes >> 20), loaded=rows.show)
        try:
            return restore_backup(path, settings.DATA_DIR, replace=options["replace"], hooks=hooks)
        finally:
            megabytes.clear()
            rows.clear()

    def _report(self, report: RestoreReport) -> None:
        manifest = report.manifest
        if report.was_there:
            self.stdout.write("The site holds this backup already.")
            return
        self.stdout.write(
            f"Restored {report.n_rows:,} rows and {report.n_files:,} files of {manifest.created_at[:16]} "
            f"(coolpapers {manifest.version}, {manifest.database})."
        )
        if report.n_replaced:
            self.stdout.write(f"{report.n_replaced:,} texts held characters that PostgreSQL cannot store.")
        differing = _differing_variables(manifest)
        if differing:
            self.stdout.write("These settings of the backup are not set, or differ, here:")
            for name, value in differing.items():
                self.stdout.write(f"  {name}={value}")

    def _list(self, manifest: Manifest) -> None:
        made = f"coolpapers {manifest.version}, {manifest.created_at[:16]}, {manifest.database}"
        size = f"{manifest.n_rows:,} rows, {len(manifest.files()):,} files, {manifest.n_bytes / 1e6:,.1f} MB"
        self.stdout.write(f"{made}: {size} ({', '.join(manifest.parts)}).")
        for sentence in manifest.left_out:
            self.stdout.write(sentence)
        for table in manifest.tables:
            if table.n_rows:
                self.stdout.write(f"  {table.n_rows:>12,} {table.model}")
        for name, value in manifest.variables.items():
            self.stdout.write(f"  {name}={value}")


def _differing_variables(manifest: Manifest) -> dict[str, str]:
    """Settings of the backed-up site that this one lacks; where things lie differs by nature."""
    here = site_variables(os.environ, with_secrets=manifest.has_secrets)
    places = ("COOLPAPERS_DATA_DIR", "COOLPAPERS_POSTGRES_", "COOLPAPERS_DATABASE_URL")
    return {
        name: value
        for name, value in manifest.variables.items()
        if here.get(name) != value and not name.startswith(places) and value != HIDDEN
    }
