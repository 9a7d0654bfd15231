"""Check the parts of a site. Start at :func:`diagnose`.

The checks change nothing and load no model.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from coolpapers.base.caching.redis import FallbackRedisCache
from coolpapers.base.env import read_str
from coolpapers.base.outages import Outage, find_outage, lazy_cure_of, outage_of_disk
from coolpapers.management.commands.prepare_site import missing_static_files, static_fingerprint, static_stamp
from coolpapers.management.findings import BROKEN, OK, WARNING, Finding
from coolpapers.management.search_checks import (
    check_cross_encoder,
    check_encoder,
    check_index,
    check_mode,
    check_vectors,
)
from coolpapers.papers.models import Paper, latest_revision
from search.base.system_errors import is_refused

__all__ = ["BROKEN", "OK", "WARNING", "Finding", "diagnose"]
__all__ += ["check_cross_encoder", "check_encoder", "check_index", "check_mode", "check_vectors"]

FREE_WARNING_BYTES = 2 << 30  # a rebuilt index needs space beside the old one: about 0.5 GB for 100,000 papers
FREE_BROKEN_BYTES = 200 << 20
WORKER_COMMAND = "celery -A coolpapers worker -Q celery,summaries,mail,pdfs,backups,harvests"
PING_S = 2.0  # a worker on the same network answers in milliseconds
LATE_PING_S = 6.0  # a second try, for a worker on a busy machine


def diagnose() -> list[Finding]:
    """Check all parts; those that need the database are skipped if it does not answer."""
    database = check_database()
    findings = [check_folder(), check_secret_key(), check_disk(), check_static(), database, check_mode()]
    if database.state != BROKEN:
        findings += [check_index(), check_vectors()]
    return [*findings, check_encoder(), check_cross_encoder(), check_worker(), check_cache()]


def check_folder() -> Finding:
    """The data folder exists and is writable."""
    folder = settings.DATA_DIR
    if not folder.is_dir():
        message = format_lazy(_("{folder} does not exist."), folder=folder)
        return Finding("data folder", BROKEN, message, "manage.py prepare_site")
    outage = outage_of_disk(folder)
    if outage in (Outage.READ_ONLY, Outage.FORBIDDEN):
        message = format_lazy(
            _("{folder} is not writable ({reason}): papers can be read, nothing can be stored."),
            folder=folder,
            reason=_(outage.value),
        )
        return Finding("data folder", BROKEN, message, lazy_cure_of(outage))
    return Finding("data folder", OK, str(folder))


def check_secret_key() -> Finding:
    """The key that signs sessions is persistent."""
    if read_str("COOLPAPERS_SECRET_KEY", ""):
        return Finding("secret key", OK, _("From the environment."))
    path = settings.DATA_DIR / "secret_key"
    try:
        is_stored = bool(path.read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        is_stored = False
    if not is_stored:
        message = format_lazy(
            _("{path} is missing, empty or not readable; readers are signed out whenever a process starts."), path=path
        )
        return Finding(
            "secret key",
            BROKEN,
            message,
            format_lazy(_("make it writable for user {user}, then restart"), user=os.getuid()),
        )
    return Finding("secret key", OK, _("Stored in the data folder."))


def check_disk(usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Finding:
    """There is enough space to rebuild an index beside the old one."""
    folder = next(path for path in (settings.DATA_DIR, *settings.DATA_DIR.parents) if path.exists())
    free = usage(folder)[2]
    message = format_lazy(_("{size} GB are free."), size=f"{free / (1 << 30):,.1f}")
    if outage_of_disk(folder) is Outage.FULL:
        message = format_lazy(
            _("The disk of {folder} is full: papers can be read, nothing can be stored."), folder=folder
        )
        return Finding("disk", BROKEN, message, lazy_cure_of(Outage.FULL))
    if free < FREE_BROKEN_BYTES:
        return Finding("disk", BROKEN, message, _("free disk space: the database and the index cannot grow"))
    if free < FREE_WARNING_BYTES:
        return Finding("disk", WARNING, message, _("free disk space: rebuilding an index needs more"))
    return Finding("disk", OK, message)


def check_static() -> Finding:
    """Static files are collected, complete and up to date."""
    stamp, missing = static_stamp(), missing_static_files()
    if settings.STATICFILES_DIRS and not stamp:
        message = _("Not collected; pages fail or have no style.")
        return Finding("static files", BROKEN, message, "manage.py prepare_site")
    if missing:
        message = format_lazy(
            _("{n_files} files are missing, for example {name}."), n_files=len(missing), name=missing[0]
        )
        if not settings.STATICFILES_DIRS:
            return Finding("static files", BROKEN, message, _("install the package again"))
        return Finding("static files", BROKEN, message, "manage.py prepare_site")
    if not settings.STATICFILES_DIRS:
        return Finding("static files", OK, _("Collected when the package was built."))
    if stamp != static_fingerprint(settings.BASE_DIR / "static"):
        return Finding("static files", WARNING, _("Older than their sources."), "manage.py prepare_site")
    return Finding("static files", OK, _("Collected."))


def check_database() -> Finding:
    """The database answers and all migrations are applied."""
    try:
        executor = MigrationExecutor(connection)
        unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if unapplied:
            message = format_lazy(_("{n_migrations} migrations are not applied."), n_migrations=len(unapplied))
            return Finding("database", BROKEN, message, "manage.py migrate")
        n_papers = Paper.objects.count()
    except (DatabaseError, ImproperlyConfigured) as exc:
        return _problem_of_database(exc)
    if not n_papers:
        return Finding("database", WARNING, _("The library is empty."), "manage.py load_starter, or import_papers FILE")
    message = format_lazy(
        _("{n_papers} papers, revision {revision}."), n_papers=f"{n_papers:,}", revision=f"{latest_revision():,}"
    )
    return Finding("database", OK, message)


def _problem_of_database(error: Exception) -> Finding:
    message, detail = _("Does not answer:"), _one_line(error)
    outage = find_outage(error)
    is_file = connection.vendor == "sqlite"
    if is_file and is_refused(Path(str(connection.settings_dict["NAME"]))):
        outage = Outage.FORBIDDEN
    if outage is not None and outage is not Outage.DOWN:
        return Finding("database", BROKEN, message, lazy_cure_of(outage), detail)
    if is_file:
        return Finding("database", BROKEN, message, "manage.py prepare_site", detail)
    return Finding(
        "database",
        BROKEN,
        message,
        _("start PostgreSQL; check COOLPAPERS_DATABASE_URL or COOLPAPERS_POSTGRES_*"),
        detail,
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def check_worker() -> Finding:
    """With a broker, a worker takes its tasks."""
    if not settings.CELERY_BROKER_URL:
        return Finding("worker", OK, _("No broker is configured; the web process runs the tasks."))
    from coolpapers.celery import app

    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=PING_S)
            answers = app.control.ping(timeout=PING_S) or app.control.ping(timeout=LATE_PING_S, limit=1)
    except (ImportError, KeyError) as exc:  # no driver, or an address that names no broker
        return Finding(
            "worker",
            BROKEN,
            _("The broker cannot be used:"),
            _("check COOLPAPERS_BROKER_URL, and that its driver is installed"),
            _one_line(exc),
        )
    except Exception as exc:  # each broker's library has its own errors
        return Finding(
            "worker",
            BROKEN,
            _("The broker does not answer:"),
            _("start the broker; check COOLPAPERS_BROKER_URL"),
            _one_line(exc),
        )
    if not answers:
        message = _("No worker answers; summaries and updates are waiting.")
        return Finding("worker", BROKEN, message, WORKER_COMMAND)
    return Finding("worker", OK, format_lazy(_("{n_workers} running."), n_workers=len(answers)))


def check_cache() -> Finding:
    """The Redis that web nodes share answers, if one is configured."""
    cache = caches["default"]
    if not isinstance(cache, FallbackRedisCache):
        return Finding("cache", OK, _("In the memory of each process."))
    problem = cache.problem()
    if problem:
        message = format_lazy(
            _("Redis does not answer ({problem}): each process keeps its own cache and counts of requests."),
            problem=problem,
        )
        return Finding("cache", WARNING, message, _("start Redis; check COOLPAPERS_CACHE_URL"))
    return Finding("cache", OK, _("In Redis."))
