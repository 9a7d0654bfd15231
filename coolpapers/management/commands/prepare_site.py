"""``manage.py prepare_site``: make a checkout ready to serve the site. Idempotent; skips steps that are done."""

from __future__ import annotations

import fcntl
import hashlib
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from coolpapers.finding.indexing.embedding import count_to_embed
from coolpapers.finding.indexing.index import is_own_index
from coolpapers.papers.models import Paper, latest_revision
from search.base.files import read_json
from search.engines.registry import search_backend
from search.errors import IndexDamaged, IndexMissing
from search.neural.dense import retrievers
from search.neural.encoding import has_neural_packages

STAMP = ".fingerprint"
MANIFEST = "staticfiles.json"
MIGRATION_LOCK = 0x636F6F6C  # a number of our own among the advisory locks of a database
EMBED_AT_START = 1_000  # papers; some ten seconds on a laptop


class Command(BaseCommand):
    help = "Create or migrate the database, load the starter library into an empty one, index it, collect static files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--empty", action="store_true", help="leave an empty library empty: no starter papers")
        parser.add_argument("--no-vectors", action="store_true", help="do not embed a small library: serve at once")

    def handle(self, *args: Any, **options: Any) -> None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        self._migrate()
        if not options["empty"] and latest_revision() == 0 and not Paper.objects.exists():
            self._print("Loading the starter library …")
            call_command("load_starter", stdout=self.stdout, verbosity=options["verbosity"])
        if self._is_index_behind():
            self._print("Indexing papers …")
            call_command("update_index", stdout=self.stdout, verbosity=options["verbosity"])
        if not options["no_vectors"]:
            self._embed_small_library(verbosity=options["verbosity"])
        self._collect_static()

    def _embed_small_library(self, *, verbosity: int) -> None:
        """Embed a small library such as the starter papers; a large one would take too long here."""
        if not has_neural_packages():
            return  # installed without the neural extra
        retriever = retrievers["default"]
        if not 0 < count_to_embed(retriever) <= EMBED_AT_START:
            return
        self._print("Embedding papers for semantic search …")
        try:
            call_command("embed_papers", stdout=self.stdout, verbosity=verbosity)
        except CommandError as exc:  # the site works without vectors
            self.stderr.write(f"Semantic search is unavailable: {exc}")

    def _is_index_behind(self) -> bool:
        try:
            search_backend().count()  # even an empty library needs an index, or searches fail
            return search_backend().revision() != latest_revision() or not is_own_index(search_backend())
        except (IndexMissing, IndexDamaged):
            return True

    def _migrate(self) -> None:
        with _one_machine_at_a_time():
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                self._print("Preparing the database …")
                call_command("migrate", interactive=False, verbosity=0)

    def _collect_static(self) -> None:
        """Collect static files only if one has changed: hashing and compressing all of them takes seconds."""
        if not settings.STATICFILES_DIRS:
            return  # an installed wheel holds them collected
        fingerprint = static_fingerprint(settings.BASE_DIR / "static")
        if _is_collected(fingerprint):
            return
        with _one_process_at_a_time():  # services that start together
            if _is_collected(fingerprint):
                return
            self._print("Collecting static files …")
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            (Path(settings.STATIC_ROOT) / STAMP).write_text(fingerprint, encoding="utf-8")

    def _print(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


@contextmanager
def _one_machine_at_a_time() -> Iterator[None]:
    """Several machines of a site may start together; PostgreSQL frees the lock when this process ends."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def _is_collected(fingerprint: str) -> bool:
    return static_stamp() == fingerprint and not missing_static_files()


@contextmanager
def _one_process_at_a_time() -> Iterator[None]:
    """A lock beside the static files, whose folder is cleared; the system frees it when this process ends."""
    folder = Path(settings.STATIC_ROOT)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def static_stamp() -> str:
    """The fingerprint of the files that were collected last; "" if none were."""
    try:
        return (Path(settings.STATIC_ROOT) / STAMP).read_text(encoding="utf-8")
    except OSError:
        return ""


def missing_static_files() -> list[str]:
    """Files that the manifest names and the folder lacks; the manifest itself if it is missing or damaged."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return []
    folder = Path(settings.STATIC_ROOT)
    manifest = read_json(folder / MANIFEST)
    paths = manifest.get("paths") if isinstance(manifest, dict) else None
    if not isinstance(paths, dict) or not paths:
        return [MANIFEST]
    return [name for name in paths.values() if not (folder / name).is_file()]


def static_fingerprint(folder: Path) -> str:
    """Hash of the names, sizes and times of all files below ``folder``."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest.update(f"{path.relative_to(folder)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
