"""``manage.py backup``: write everything that the site keeps into one file."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from coolpapers import __version__
from coolpapers.base.progress import ProgressLine, stop_signal
from coolpapers.operating.backups.making import BackupStopped, Contents, Site, make_backup
from coolpapers.operating.errors import OperatingError


class Command(BaseCommand):
    help = "Write database, files, index and vectors into one file, while the site runs."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the backup, such as site.zip; an older backup is replaced")
        parser.add_argument("--no-index", action="store_true", help="leave out the index; restoring builds it")
        parser.add_argument("--no-vectors", action="store_true", help="leave out vectors and anchors")
        parser.add_argument(
            "--secrets", action="store_true", help="include the secret key, sessions, passwords and tokens of settings"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        progress = ProgressLine(sys.stderr, clock=time.monotonic, unit="rows", is_wanted=options["verbosity"] > 0)
        contents = Contents(
            index=not options["no_index"], vectors=not options["no_vectors"], secrets=options["secrets"]
        )
        try:
            with stop_signal() as should_stop:
                report = make_backup(
                    options["file"],
                    Site(version=__version__, data=settings.DATA_DIR, environment=os.environ),
                    now=timezone.now(),
                    contents=contents,
                    progress=lambda n_done, n_total: progress.show(n_done, share=n_done / n_total if n_total else None),
                    should_stop=should_stop,
                )
        except BackupStopped as exc:
            progress.clear()
            raise CommandError(str(exc), returncode=143) from exc
        except OperatingError as exc:
            progress.clear()
            raise CommandError(str(exc)) from exc
        progress.clear()
        for sentence in report.left_out:
            self.stderr.write(f"{sentence} The restored site computes them again.")
        if options["verbosity"] > 0:
            self.stdout.write(
                f"{report.path}: {report.n_rows:,} rows and {report.n_files:,} files, {report.n_bytes / 1e6:,.1f} MB."
            )
