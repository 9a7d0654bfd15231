"""``manage.py serve``: serve the site, for readers on this machine or behind a proxy."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.base.gateway import MAIN_PROCESS
from coolpapers.base.observing.sharing import forget_ended
from coolpapers.operating.serving import (
    ServerOptions,
    allow_many_connections,
    default_workers,
    server_command,
    usable_cores,
    usable_memory,
)


class Command(BaseCommand):
    help = "Serve the site. SIGTERM and Ctrl+C let running requests end; SIGHUP starts new processes, one by one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="HOST:PORT, or unix:PATH; %(default)s")
        parser.add_argument("--workers", type=int, help="processes; COOLPAPERS_WEB_WORKERS")
        parser.add_argument("--threads", type=int, help="threads of each process; COOLPAPERS_WEB_THREADS")

    def handle(self, *args: Any, **options: Any) -> None:
        n_workers = options["workers"]
        if n_workers is None:
            n_workers = settings.WEB_WORKERS or default_workers(usable_cores(), usable_memory())
        n_threads = settings.WEB_THREADS if options["threads"] is None else options["threads"]
        if min(n_workers, n_threads) < 1:
            raise CommandError("--workers and --threads are 1 or more.")
        command = server_command(ServerOptions(**_place(options["bind"]), n_workers=n_workers))
        allow_many_connections()
        _forget_former_counts()
        sys.stdout.flush()
        # This process becomes the server: it keeps its number under a supervisor, and frees the memory of Django.
        environment = {"COOLPAPERS_WEB_THREADS": str(n_threads), MAIN_PROCESS: str(os.getpid())}
        os.execve(command[0], command, {**os.environ, **environment})  # noqa: S606 # a list of our own, without a shell


def _forget_former_counts() -> None:
    """Metrics begin anew with the server; those of running workers stay."""
    with suppress(OSError):  # /metrics says what cannot be written
        forget_ended(settings.METRICS_DIR)


def _place(bind: str) -> dict[str, Any]:
    if bind.startswith("unix:"):
        return {"socket": bind.removeprefix("unix:")}
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit():
        raise CommandError(f"--bind {bind!r} is neither HOST:PORT nor unix:PATH.")
    return {"host": host.strip("[]"), "port": int(port)}
