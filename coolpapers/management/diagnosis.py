"""Check the parts of a site. Start at :func:`diagnose`.

A finding is *ok*, a *warning* (the site works, with fewer or older results) or *broken* (readers or administrators meet
errors); the last two name the command or setting that fixes the problem. The checks change nothing and load no model.
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

from coolpapers.finding.indexing.anchors import why_rebuild
from coolpapers.finding.indexing.embedding import count_pending, is_own
from coolpapers.finding.indexing.index import is_own_index
from coolpapers.management.commands.prepare_site import static_fingerprint
from coolpapers.papers.models import Paper, latest_revision
from search.engines.registry import search_backend
from search.errors import DenseUnavailable, IndexDamaged, IndexMissing
from search.neural.dense import VectorRetriever, retrievers
from search.neural.rerankers import AnchorReranker, rerankers
from search.ranking.pipeline import MODES

OK, WARNING, BROKEN = "ok", "warning", "broken"
FREE_WARNING_BYTES = 2 << 30  # a rebuilt index needs space beside the old one: about 0.5 GB for 100,000 papers
FREE_BROKEN_BYTES = 200 << 20
PING_S = 2.0  # a worker on the same network answers in milliseconds


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one part in a sentence, and what fixes it ("" if nothing needs to be fixed)."""

    part: str
    state: str
    message: str
    cure: str = ""


def diagnose() -> list[Finding]:
    """Check all parts; those that need the database are skipped if it does not answer."""
    database = check_database()
    findings = [check_folder(), check_secret_key(), check_disk(), check_static(), database, check_mode()]
    if database.state != BROKEN:
        findings += [check_index(), check_vectors()]
    return [*findings, check_encoder(), check_cross_encoder(), check_worker()]


def check_folder() -> Finding:
    """The data folder exists and is writable."""
    folder = settings.DATA_DIR
    if not folder.is_dir():
        return Finding("data folder", BROKEN, f"{folder} does not exist.", "manage.py prepare_site")
    if not os.access(folder, os.W_OK):
        return Finding("data folder", BROKEN, f"{folder} is not writable.", f"chown it to user {os.getuid()}")
    return Finding("data folder", OK, str(folder))


def check_secret_key() -> Finding:
    """The key that signs sessions is persistent."""
    if "COOLPAPERS_SECRET_KEY" in os.environ or "COOLPAPERS_SECRET_KEY_FILE" in os.environ:
        return Finding("secret key", OK, "From the environment.")
    path = settings.DATA_DIR / "secret_key"
    try:
        is_stored = bool(path.read_text(encoding="utf-8").strip())
    except OSError:
        is_stored = False
    if not is_stored:
        message = f"{path} is missing, empty or not readable; readers are signed out whenever a process starts."
        return Finding("secret key", BROKEN, message, f"make it writable for user {os.getuid()}, then restart")
    return Finding("secret key", OK, "Stored in the data folder.")


def check_disk(usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Finding:
    """There is enough space to rebuild an index beside the old one."""
    folder = next(path for path in (settings.DATA_DIR, *settings.DATA_DIR.parents) if path.exists())
    free = usage(folder)[2]
    message = f"{free / (1 << 30):,.1f} GB are free."
    if free < FREE_BROKEN_BYTES:
        return Finding("disk", BROKEN, message, "free disk space: the database and the index cannot grow")
    if free < FREE_WARNING_BYTES:
        return Finding("disk", WARNING, message, "free disk space: rebuilding an index needs more")
    return Finding("disk", OK, message)


def check_static() -> Finding:
    """Static files are collected and up to date."""
    if not settings.STATICFILES_DIRS:
        return Finding("static files", OK, "Collected when the package was built.")
    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    if not stamp.is_file():
        return Finding("static files", BROKEN, "Not collected; pages have no style.", "manage.py prepare_site")
    if stamp.read_text(encoding="utf-8") != static_fingerprint(settings.BASE_DIR / "static"):
        return Finding("static files", WARNING, "Older than their sources.", "manage.py prepare_site")
    return Finding("static files", OK, "Collected.")


def check_database() -> Finding:
    """The database answers and all migrations are applied."""
    try:
        executor = MigrationExecutor(connection)
        unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if unapplied:
            return Finding("database", BROKEN, f"{len(unapplied)} migrations are not applied.", "manage.py migrate")
        n_papers = Paper.objects.count()
    except ImproperlyConfigured as exc:  # the driver is missing
        return Finding("database", BROKEN, f"Cannot be used: {exc}", "pip install 'coolpapers[postgres]'")
    except DatabaseError as exc:
        return Finding("database", BROKEN, f"Does not answer: {exc}", "check COOLPAPERS_POSTGRES_* or the data folder")
    if not n_papers:
        return Finding("database", WARNING, "The library is empty.", "manage.py load_starter, or import_papers FILE")
    return Finding("database", OK, f"{n_papers:,} papers, revision {latest_revision():,}.")


def check_mode() -> Finding:
    """The setting names an existing ranking mode."""
    if settings.SEARCH_MODE not in MODES:
        return Finding(
            "ranking",
            BROKEN,
            f"Unknown ranking mode {settings.SEARCH_MODE!r}.",
            f"set COOLPAPERS_SEARCH_MODE: {', '.join(MODES)}",
        )
    return Finding("ranking", OK, f"The default ranking mode is {settings.SEARCH_MODE}.")


def check_index() -> Finding:
    """The index is readable, undamaged and up to date with the library."""
    engine = search_backend()
    try:
        n_indexed = engine.count()
        damaged = engine.verify()
        is_own = is_own_index(engine)
        is_outdated = engine.is_outdated()
        behind = latest_revision() - engine.revision()
    except IndexMissing as exc:
        return Finding("index", BROKEN, str(exc), "manage.py update_index")
    except IndexDamaged as exc:
        return Finding("index", BROKEN, str(exc), "manage.py rebuild_index")
    if damaged:
        return Finding("index", BROKEN, f"Damaged files: {', '.join(damaged[:3])}.", "manage.py rebuild_index")
    if not is_own:
        message = "Built from another state of the library, for example before a backup was restored."
        return Finding("index", BROKEN, message, "manage.py update_index")
    if is_outdated:
        message = "Built by an older version: searches work, and find less than in a new index."
        return Finding("index", WARNING, message, "manage.py rebuild_index")
    if behind:
        return Finding("index", WARNING, f"{behind:,} changes behind the library.", "manage.py update_index")
    return Finding("index", OK, f"{n_indexed:,} papers, up to date.")


def check_vectors() -> Finding:
    """Every paper has a vector of the present encoder, and the files are undamaged."""
    retriever = retrievers["default"]
    state = BROKEN if settings.SEARCH_MODE == "dense" else WARNING
    damage = _damage_of_vectors(retriever)
    if damage:
        return Finding("vectors", state, damage, "manage.py embed_papers")
    n_vectors = retriever.count()
    if not n_vectors:
        return Finding("vectors", state, "No vectors of this encoder.", "manage.py embed_papers")
    if not is_own(retriever):
        message = "Computed from another state of the library, for example before a backup was restored."
        return Finding("vectors", WARNING, message, "manage.py embed_papers")
    pending = count_pending(retriever)
    if pending:
        return Finding("vectors", WARNING, f"{pending:,} papers have changed since.", "manage.py embed_papers")
    return Finding("vectors", OK, f"{n_vectors:,} papers, up to date.")


def _damage_of_vectors(retriever: VectorRetriever) -> str:
    damage = retriever.damage()
    if damage or not retriever.count():
        return damage
    try:
        damaged = retriever.verify()
    except (DenseUnavailable, OSError):  # another process is embedding, and checks the files itself
        return ""
    return f"Damaged files: {', '.join(damaged[:3])}." if damaged else ""


def check_encoder() -> Finding:
    """The encoder's files are complete; names the device it runs on."""
    retriever = retrievers["default"]
    problem = retriever.check()
    if problem:
        state = BROKEN if settings.SEARCH_MODE in ("dense", "rerank") else WARNING  # hybrid falls back to words
        return Finding("encoder", state, problem, "set COOLPAPERS_ENCODER, or install coolpapers[neural]")
    return Finding("encoder", OK, f"{retriever.model}, on {retriever.device()}.")


def check_cross_encoder() -> Finding:
    """The cross-encoder's files are complete, if one is configured."""
    reranker = rerankers["default"]
    problem = reranker.check()
    if problem:
        return Finding("cross-encoder", BROKEN, problem, "set COOLPAPERS_CROSS_ENCODER")
    if not reranker.is_configured:
        state = BROKEN if settings.SEARCH_MODE == "rerank" else OK
        cure = "set COOLPAPERS_CROSS_ENCODER" if state == BROKEN else ""
        return Finding("cross-encoder", state, "Not configured; mode=rerank ranks as hybrid.", cure)
    if isinstance(reranker, AnchorReranker):
        problem = _problem_of_anchors(reranker)
        if problem:
            return Finding("cross-encoder", WARNING, problem, "manage.py build_anchors")
    return Finding("cross-encoder", OK, f"{reranker.describe()}.")


def _problem_of_anchors(reranker: AnchorReranker) -> str:
    try:
        return why_rebuild(reranker, retrievers["default"])
    except DatabaseError:  # is another check
        return ""


def check_worker() -> Finding:
    """With a broker, a worker takes its tasks."""
    if not settings.CELERY_BROKER_URL:
        return Finding("worker", OK, "No broker is configured; the web process runs the tasks.")
    from kombu.exceptions import KombuError

    from coolpapers.celery import app

    connection_to_broker = app.connection_for_write()
    try:
        connection_to_broker.ensure_connection(max_retries=1, timeout=PING_S)
        answers = app.control.ping(timeout=PING_S)
    except (OSError, KombuError, *connection_to_broker.connection_errors) as exc:
        return Finding(
            "worker", BROKEN, f"The broker does not answer: {exc}", "start the broker; check COOLPAPERS_BROKER_URL"
        )
    if not answers:
        command = "celery -A coolpapers worker -Q celery,summaries,mail,pdfs,backups"
        return Finding("worker", BROKEN, "No worker answers; summaries and updates are waiting.", command)
    return Finding("worker", OK, f"{len(answers)} running.")
