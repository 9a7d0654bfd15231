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
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from coolpapers.base.caching.redis import FallbackRedisCache
from coolpapers.base.env import read_str
from coolpapers.base.outages import Outage, cure_of, find_outage, outage_of_disk
from coolpapers.finding.indexing.anchors import why_rebuild
from coolpapers.finding.indexing.embedding import count_pending, is_own
from coolpapers.finding.indexing.index import is_own_index
from coolpapers.management.commands.prepare_site import missing_static_files, static_fingerprint, static_stamp
from coolpapers.papers.models import Paper, latest_revision
from search.base.system_errors import is_refused
from search.engines.registry import search_backend
from search.errors import DenseUnavailable, IndexDamaged, IndexMissing, IndexUnavailable, IndexUnreadable
from search.neural.dense import VectorRetriever, retrievers
from search.neural.rerankers import AnchorReranker, rerankers
from search.ranking.pipeline import MODES

OK, WARNING, BROKEN = "ok", "warning", "broken"
FREE_WARNING_BYTES = 2 << 30  # a rebuilt index needs space beside the old one: about 0.5 GB for 100,000 papers
FREE_BROKEN_BYTES = 200 << 20
WORKER_COMMAND = "celery -A coolpapers worker -Q celery,summaries,mail,pdfs,backups,harvests"
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
    return [*findings, check_encoder(), check_cross_encoder(), check_worker(), check_cache()]


def check_folder() -> Finding:
    """The data folder exists and is writable."""
    folder = settings.DATA_DIR
    if not folder.is_dir():
        return Finding("data folder", BROKEN, f"{folder} does not exist.", "manage.py prepare_site")
    outage = outage_of_disk(folder)
    if outage in (Outage.READ_ONLY, Outage.FORBIDDEN):
        message = f"{folder} is not writable ({outage.value}): papers can be read, nothing can be stored."
        return Finding("data folder", BROKEN, message, cure_of(outage))
    return Finding("data folder", OK, str(folder))


def check_secret_key() -> Finding:
    """The key that signs sessions is persistent."""
    if read_str("COOLPAPERS_SECRET_KEY", ""):
        return Finding("secret key", OK, "From the environment.")
    path = settings.DATA_DIR / "secret_key"
    try:
        is_stored = bool(path.read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
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
    if outage_of_disk(folder) is Outage.FULL:
        message = f"The disk of {folder} is full: papers can be read, nothing can be stored."
        return Finding("disk", BROKEN, message, cure_of(Outage.FULL))
    if free < FREE_BROKEN_BYTES:
        return Finding("disk", BROKEN, message, "free disk space: the database and the index cannot grow")
    if free < FREE_WARNING_BYTES:
        return Finding("disk", WARNING, message, "free disk space: rebuilding an index needs more")
    return Finding("disk", OK, message)


def check_static() -> Finding:
    """Static files are collected, complete and up to date."""
    stamp, missing = static_stamp(), missing_static_files()
    if settings.STATICFILES_DIRS and not stamp:
        return Finding("static files", BROKEN, "Not collected; pages fail or have no style.", "manage.py prepare_site")
    if missing:
        message = f"{len(missing)} files are missing, for example {missing[0]}."
        if not settings.STATICFILES_DIRS:
            return Finding("static files", BROKEN, message, "install the package again")
        return Finding("static files", BROKEN, message, "manage.py prepare_site")
    if not settings.STATICFILES_DIRS:
        return Finding("static files", OK, "Collected when the package was built.")
    if stamp != static_fingerprint(settings.BASE_DIR / "static"):
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
    except (DatabaseError, ImproperlyConfigured) as exc:
        return _problem_of_database(exc)
    if not n_papers:
        return Finding("database", WARNING, "The library is empty.", "manage.py load_starter, or import_papers FILE")
    return Finding("database", OK, f"{n_papers:,} papers, revision {latest_revision():,}.")


def _problem_of_database(error: Exception) -> Finding:
    message = f"Does not answer: {' '.join(str(error).split())}"
    outage = find_outage(error)
    is_file = connection.vendor == "sqlite"
    if is_file and is_refused(Path(str(connection.settings_dict["NAME"]))):
        outage = Outage.FORBIDDEN
    if outage is not None and outage is not Outage.DOWN:
        return Finding("database", BROKEN, message, cure_of(outage))
    if is_file:
        return Finding("database", BROKEN, message, "manage.py prepare_site")
    return Finding("database", BROKEN, message, "start PostgreSQL; check COOLPAPERS_POSTGRES_*")


def check_mode() -> Finding:
    """The setting names an existing ranking mode."""
    if settings.SEARCH_MODE not in MODES:
        message = f"Unknown ranking mode {settings.SEARCH_MODE!r}."
        return Finding("ranking", BROKEN, message, f"set COOLPAPERS_SEARCH_MODE: {', '.join(MODES)}")
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
        advice = engine.advice()
    except IndexMissing as exc:
        return Finding("index", BROKEN, str(exc), "manage.py update_index")
    except IndexUnavailable as exc:
        return Finding("index", BROKEN, str(exc), exc.cure)
    except IndexUnreadable as exc:
        return Finding("index", BROKEN, str(exc), f"give the data folder to user {os.getuid()}")
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
    if advice:
        message, cure = advice[0]
        return Finding("index", WARNING, message, cure)
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
        message = "Not configured; mode=rerank ranks as hybrid."
        if settings.SEARCH_MODE != "rerank":
            return Finding("cross-encoder", OK, message)
        return Finding("cross-encoder", BROKEN, message, "set COOLPAPERS_CROSS_ENCODER")
    if isinstance(reranker, AnchorReranker):
        problem = _problem_of_anchors(reranker)
        if problem:
            return Finding("cross-encoder", WARNING, problem, "manage.py build_anchors")
    return Finding("cross-encoder", OK, f"{reranker.describe()}.")


def _problem_of_anchors(reranker: AnchorReranker) -> str:
    try:
        return why_rebuild(reranker, retrievers["default"])
    except (DatabaseError, ImproperlyConfigured):  # is another check
        return ""


def check_worker() -> Finding:
    """With a broker, a worker takes its tasks."""
    if not settings.CELERY_BROKER_URL:
        return Finding("worker", OK, "No broker is configured; the web process runs the tasks.")
    from coolpapers.celery import app

    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=PING_S)
            answers = app.control.ping(timeout=PING_S)
    except (ImportError, KeyError) as exc:  # no driver, or an address that names no broker
        message = f"The broker cannot be used: {exc}"
        return Finding("worker", BROKEN, message, "check COOLPAPERS_BROKER_URL, and that its driver is installed")
    except Exception as exc:  # each broker's library has its own errors
        message = f"The broker does not answer: {' '.join(str(exc).split())}"
        return Finding("worker", BROKEN, message, "start the broker; check COOLPAPERS_BROKER_URL")
    if not answers:
        message = "No worker answers; summaries and updates are waiting."
        return Finding("worker", BROKEN, message, WORKER_COMMAND)
    return Finding("worker", OK, f"{len(answers)} running.")


def check_cache() -> Finding:
    """The Redis that web nodes share answers, if one is configured."""
    cache = caches["default"]
    if not isinstance(cache, FallbackRedisCache):
        return Finding("cache", OK, "In the memory of each process.")
    problem = cache.problem()
    if problem:
        message = f"Redis does not answer ({problem}): each process keeps its own cache and counts of requests."
        return Finding("cache", WARNING, message, "start Redis; check COOLPAPERS_CACHE_URL")
    return Finding("cache", OK, "In Redis.")
