"""Liveness and readiness for supervisors and load balancers.

``/healthz`` checks only that the process answers. ``/readyz`` checks what every page needs: the database with all
migrations, the search index and its files, and the manifest of static files. It answers 503 with the problem and the
command that fixes it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from coolpapers.base.outages import cure_of, degraded, find_outage, outage_of_disk
from coolpapers.papers.models import Paper
from search.engines.registry import search_backend
from search.errors import IndexDamaged, IndexOutdated, IndexUnavailable, IndexUnreadable, SearchError
from search.neural.dense import retrievers
from search.neural.encoding import has_neural_packages

logger = logging.getLogger(__name__)

OK = "ok"


@never_cache
def show_health(_request: HttpRequest) -> HttpResponse:
    """``/healthz``: the process answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
def show_readiness(_request: HttpRequest) -> JsonResponse:
    """``/readyz``: 200 if every part works, else 503; each part is "ok" (maybe with advice) or its problem.

    A disk that cannot be written does not count: papers can be read. ``degraded`` counts what could not be stored.
    """
    parts = {name: check() for name, check in CHECKS.items()}
    is_ready = all(answer.startswith(OK) for answer in parts.values())
    counts = degraded.counts()
    state = {"ready": is_ready, **parts, "disk": _disk_state(), **({"degraded": counts} if counts else {})}
    return JsonResponse(state, status=200 if is_ready else 503)


def _check_database() -> str:
    try:
        unapplied = _known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
        Paper.objects.first()  # selects every column
    except (DatabaseError, ImproperlyConfigured) as error:
        logger.warning("The database does not answer: %s", error)
        outage = find_outage(error)
        cure = cure_of(outage) if outage else "check that it runs and is migrated (manage.py migrate, manage.py doctor)"
        return f"does not answer; {cure}"
    if unapplied:
        return f"lacks {len(unapplied)} migrations; run manage.py migrate"
    return OK


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """App and name of each migration of the code; reads the folders of migrations once."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _check_static() -> str:
    try:
        staticfiles_storage.url("css/main.css")
    except (ValueError, OSError) as error:
        logger.warning("Static files are not collected: %s", error)
        return "are not collected; run manage.py prepare_site"
    return OK


def _check_index() -> str:
    engine = search_backend()
    try:
        engine.count()
        damaged = engine.verify(changed_only=True)
        is_outdated = engine.is_outdated()
    except IndexOutdated as error:
        logger.warning("The search index does not answer: %s", error)
        return "was built by another version; run manage.py rebuild_index"
    except IndexDamaged as error:
        logger.warning("The search index does not answer: %s", error)
        return "is damaged; run manage.py rebuild_index"
    except IndexUnavailable as error:
        logger.warning("The search index does not answer: %s", error)
        return f"does not answer; {error.cure}"
    except IndexUnreadable as error:
        logger.warning("The search index does not answer: %s", error)
        return "may not be read; run manage.py doctor"
    except SearchError as error:
        logger.warning("The search index does not answer: %s", error)
        return "cannot be searched; run manage.py update_index"
    if damaged:
        return f"is damaged ({', '.join(damaged[:3])}); run manage.py rebuild_index"
    return f"{OK}, but an older version built it and it finds less; run manage.py rebuild_index" if is_outdated else OK


def _check_vectors() -> str:
    """Searches do without vectors; a replacement of the encoder is told, because it takes hours."""
    retriever = retrievers["default"]
    if not has_neural_packages() or not retriever.has_vectors():
        return OK
    former = retriever.former()
    if former is None:
        return OK
    command = "manage.py embed_papers"
    done = f"about {retriever.n_aside():,} papers are embedded"
    return f"{OK}, but vectors of the former encoder {former.name} are in use until {command} has finished ({done})"


def _disk_state() -> str:
    outage = outage_of_disk(settings.DATA_DIR)
    if outage is None:
        return OK
    return f"{outage.value}: papers can be read, nothing can be stored; {cure_of(outage)}"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _check_database,
    "index": _check_index,
    "vectors": _check_vectors,
    "static_files": _check_static,
}
