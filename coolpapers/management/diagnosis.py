"""What a site needs in order to work, looked at part by part. Start at :func:`diagnose`.

A finding is *ok*, a *warning* (the site works, with less or with older results) or *broken* (readers or librarians meet
errors); the last two name the command or setting that mends it. Looking changes nothing and loads no model.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from coolpapers.finding.indexing.embedding import count_pending, is_own
from coolpapers.finding.indexing.index import is_own_index
from coolpapers.management.commands.prepare_site import static_fingerprint
from coolpapers.papers.models import Paper, latest_revision
from search.engines.registry import search_backend
from search.errors import IndexDamaged, IndexMissing
from search.neural.dense import retrievers
from search.neural.rerankers import rerankers
from search.ranking.pipeline import MODES

OK, WARNING, BROKEN = "ok", "warning", "broken"
FREE_WARNING_BYTES = 2 << 30  # an index of 100,000 papers is rebuilt beside the old one: about 0.5 GB
FREE_BROKEN_BYTES = 200 << 20
PING_S = 2.0  # a worker on the same network answers in milliseconds


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: how it is, in a sentence, and what mends it ("" where nothing needs to)."""

    part: str
    state: str
    message: str
    cure: str = ""


def diagnose() -> list[Finding]:
    """All parts; those that need the database are left out where it does not answer."""
    database = check_database()
    findings = [check_folder(), check_secret_key(), check_disk(), check_static(), database, check_mode()]
    if database.state != BROKEN:
        findings += [check_index(), check_vectors()]
    return [*findings, check_encoder(), check_cross_encoder(), check_worker()]


def check_folder() -> Finding:
    """The data folder is there and can be written."""
    folder = settings.DATA_DIR
    if not folder.is_dir():
        return Finding("data folder", BROKEN, f"{folder} is not there.", "manage.py prepare_site")
    if not os.access(folder, os.W_OK):
        return Finding("data folder", BROKEN, f"{folder} cannot be written.", f"chown it to the user {os.getuid()}")
    return Finding("data folder", OK, str(folder))


def check_secret_key() -> Finding:
    """The key that signs sessions outlives the process."""
    if "COOLPAPERS_SECRET_KEY" in os.environ or "COOLPAPERS_SECRET_KEY_FILE" in os.environ:
        return Finding("secret key", OK, "From the environment.")
    path = settings.DATA_DIR / "secret_key"
    try:
        is_kept = bool(path.read_text(encoding="utf-8").strip())
    except OSError:
        is_kept = False
    if not is_kept:
        message = f"{path} is missing, empty or not readable; readers are signed out whenever a process starts."
        return Finding("secret key", BROKEN, message, f"make it writable for the user {os.getuid()}, then restart")
    return Finding("secret key", OK, "Kept in the data folder.")


def check_disk(usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Finding:
    """There is room to rebuild an index beside the old one."""
    folder = next(path for path in (settings.DATA_DIR, *settings.DATA_DIR.parents) if path.exists())
    free = usage(folder)[2]
    said = f"{free / (1 << 30):,.1f} GB are free."
    if free < FREE_BROKEN_BYTES:
        return Finding("disk", BROKEN, said, "make room: the database and the index cannot grow")
    if free < FREE_WARNING_BYTES:
        return Finding("disk", WARNING, said, "make room: rebuilding an index needs more for a while")
    return Finding("disk", OK, said)


def check_static() -> Finding:
    """Style sheets and scripts are collected, and from the present files."""
    if not settings.STATICFILES_DIRS:
        return Finding("static files", OK, "Collected when the package was built.")
    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    if not stamp.is_file():
        return Finding("static files", BROKEN, "They are not collected; pages have no style.", "manage.py prepare_site")
    if stamp.read_text(encoding="utf-8") != static_fingerprint(settings.BASE_DIR / "static"):
        return Finding("static files", WARNING, "They are older than the source.", "manage.py prepare_site")
    return Finding("static files", OK, "Collected.")


def check_database() -> Finding:
    """It answers and has all tables."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            return Finding("database", BROKEN, f"{len(waiting)} migrations are not applied.", "manage.py migrate")
        n_papers = Paper.objects.count()
    except ImproperlyConfigured as exc:  # the driver is missing
        return Finding("database", BROKEN, f"It cannot be used: {exc}", "pip install 'coolpapers[postgres]'")
    except DatabaseError as exc:
        return Finding("database", BROKEN, f"It does not answer: {exc}", "see COOLPAPERS_POSTGRES_* or the data folder")
    if not n_papers:
        return Finding("database", WARNING, "The library is empty.", "manage.py load_starter, or import_papers FILE")
    return Finding("database", OK, f"{n_papers:,} papers, revision {latest_revision():,}.")


def check_mode() -> Finding:
    """The setting names a ranking that there is."""
    if settings.SEARCH_MODE not in MODES:
        return Finding(
            "ranking",
            BROKEN,
            f"There is no {settings.SEARCH_MODE!r}.",
            f"set COOLPAPERS_SEARCH_MODE: {', '.join(MODES)}",
        )
    return Finding("ranking", OK, f"Searches are ranked by {settings.SEARCH_MODE} unless their address says otherwise.")


def check_index() -> Finding:
    """The engine answers and has taken in the newest change."""
    engine = search_backend()
    try:
        n_indexed = engine.count()
        damaged = engine.verify()
        is_own = is_own_index(engine)
        behind = latest_revision() - engine.revision()
    except IndexMissing as exc:
        return Finding("index", BROKEN, str(exc), "manage.py update_index")
    except IndexDamaged as exc:
        return Finding("index", BROKEN, str(exc), "manage.py rebuild_index")
    if damaged:
        return Finding("index", BROKEN, f"Damaged files: {', '.join(damaged[:3])}.", "manage.py rebuild_index")
    if not is_own:
        message = "It belongs to another state of the library, as after restoring a backup."
        return Finding("index", BROKEN, message, "manage.py update_index")
    if behind:
        return Finding("index", WARNING, f"It is {behind:,} changes behind the library.", "manage.py update_index")
    return Finding("index", OK, f"{n_indexed:,} papers, up to date.")


def check_vectors() -> Finding:
    """Every paper has its vector, made by the encoder in use."""
    retriever = retrievers["default"]
    state = BROKEN if settings.SEARCH_MODE == "dense" else WARNING
    n_vectors = retriever.count()
    if not n_vectors:
        return Finding("vectors", state, "There are none of this encoder.", "manage.py embed_papers")
    if not is_own(retriever):
        message = "They belong to another state of the library, as after restoring a backup."
        return Finding("vectors", WARNING, message, "manage.py embed_papers")
    pending = count_pending(retriever)
    if pending:
        return Finding("vectors", WARNING, f"{pending:,} papers changed since.", "manage.py embed_papers")
    return Finding("vectors", OK, f"{n_vectors:,} papers, up to date.")


def check_encoder() -> Finding:
    """The encoder's files are whole, and where it would run."""
    retriever = retrievers["default"]
    problem = retriever.check()
    if problem:
        state = BROKEN if settings.SEARCH_MODE in ("dense", "rerank") else WARNING  # hybrid goes on by words
        return Finding("encoder", state, problem, "set COOLPAPERS_ENCODER, or install coolpapers[neural]")
    return Finding("encoder", OK, f"{retriever.model}, on {retriever.device()}.")


def check_cross_encoder() -> Finding:
    """The cross-encoder's files are whole, where one is named."""
    reranker = rerankers["default"]
    problem = reranker.check()
    if problem:
        return Finding("cross-encoder", BROKEN, problem, "set COOLPAPERS_CROSS_ENCODER")
    if not reranker.is_configured:
        state = BROKEN if settings.SEARCH_MODE == "rerank" else OK
        cure = "set COOLPAPERS_CROSS_ENCODER" if state == BROKEN else ""
        return Finding("cross-encoder", state, "None is named; mode=rerank ranks as hybrid.", cure)
    return Finding("cross-encoder", OK, f"{reranker.describe()}.")


def check_worker() -> Finding:
    """With a broker, somebody takes its tasks."""
    if not settings.CELERY_BROKER_URL:
        return Finding("worker", OK, "No broker is set; the web process does the tasks.")
    from kombu.exceptions import KombuError

    from coolpapers.celery import app

    connection_to_broker = app.connection_for_write()
    try:
        connection_to_broker.ensure_connection(max_retries=1, timeout=PING_S)
        answers = app.control.ping(timeout=PING_S)
    except (OSError, KombuError, *connection_to_broker.connection_errors) as exc:
        return Finding("worker", BROKEN, f"The broker does not answer: {exc}", "start it; see COOLPAPERS_BROKER_URL")
    if not answers:
        command = "celery -A coolpapers worker -Q celery,summaries,mail"
        return Finding("worker", BROKEN, "No worker answers; summaries and updates wait.", command)
    return Finding("worker", OK, f"{len(answers)} at work.")
