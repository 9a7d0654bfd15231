from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from coolpapers.finding.indexing.index import rebuild_index
from coolpapers.papers.models import Paper
from search.engines.registry import search_backend
from search.engines.tantivy.backend import LAYOUT, READABLE_LAYOUTS
from tests.coolpapers.papers.library import make_paper
from tests.search.engines.contract.damage import damage


@pytest.fixture(autouse=True)
def _own_index(settings: Any, tmp_path: Path) -> None:
    options = {"path": tmp_path / "index"}
    settings.SEARCH_BACKENDS = {"tantivy": {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": options}}
    settings.SEARCH_BACKEND = "tantivy"


def test_a_living_process_says_ok_without_the_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_a_missing_index_is_said_with_its_cure(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "ok"
    assert "update_index" in response.json()["index"]


@pytest.mark.django_db
def test_with_database_and_index_the_site_is_ready(client: Client) -> None:
    rebuild_index(search_backend())
    response = client.get("/readyz")
    state = response.json()
    state.pop("degraded", None)  # of other tests of this process
    assert (response.status_code, state) == (
        200,
        {"ready": True, "database": "ok", "index": "ok", "vectors": "ok", "static_files": "ok", "disk": "ok"},
    )
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise DatabaseError("no such table")

    monkeypatch.setattr(Paper.objects, "first", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "migrate" in response.json()["database"]


@pytest.mark.django_db
def test_static_files_that_are_not_collected_are_said(client: Client, settings: Any, tmp_path: Path) -> None:
    backend = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": backend}
    settings.STATIC_ROOT = tmp_path
    settings.DEBUG = False
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "prepare_site" in response.json()["static_files"]


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["flip", "cut", "empty", "delete"])
def test_a_damaged_index_is_noticed_although_it_is_open(client: Client, tmp_path: Path, way: str) -> None:
    for number in range(30):
        make_paper(title=f"Graphs {number}")
    rebuild_index(search_backend())
    assert client.get("/readyz").status_code == 200
    assert client.get("/search?q=graphs&mode=bm25").status_code == 200
    damage(next((tmp_path / "index").glob("0*/*.store")), way, seed=3)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "rebuild_index" in response.json()["index"]
    page = client.get("/search?q=graphs&mode=bm25")
    assert page.status_code == 503
    assert "manage.py rebuild_index" in page.content.decode()
    assert client.get("/api/v1/search?q=graphs&mode=bm25").status_code == 503
    call_command("rebuild_index", verbosity=0)
    assert client.get("/readyz").status_code == 200
    assert client.get("/search?q=graphs&mode=bm25").status_code == 200


@pytest.mark.django_db
def test_with_an_index_of_an_older_version_the_site_is_ready_and_says_what_to_run(
    client: Client,
) -> None:
    make_paper(title="Graphs")
    search_backend().folder.layout = READABLE_LAYOUTS[-1]  # type: ignore[attr-defined]
    rebuild_index(search_backend())
    search_backend().folder.layout = LAYOUT  # type: ignore[attr-defined]
    search_backend()._opened = None  # type: ignore[attr-defined]
    response = client.get("/readyz")
    assert (response.status_code, response.json()["ready"]) == (200, True)
    assert response.json()["index"].startswith("ok, but")
    assert "manage.py rebuild_index" in response.json()["index"]
    assert client.get("/search?q=graphs&mode=bm25").status_code == 200


@pytest.mark.django_db
def test_an_index_of_an_unreadable_version_is_said(client: Client) -> None:
    search_backend().folder.layout = "tantivy-0.1"  # type: ignore[attr-defined]
    rebuild_index(search_backend())
    search_backend().folder.layout = LAYOUT  # type: ignore[attr-defined]
    response = client.get("/readyz")
    assert (response.status_code, response.json()["ready"]) == (503, False)
    assert "was built by another version; run manage.py rebuild_index" in response.json()["index"]
    page = client.get("/search?q=graphs&mode=bm25")
    assert page.status_code == 503
    assert "rebuilds it by itself within about 2 minutes" in page.content.decode()
    assert page.headers["Retry-After"] == "120"


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_is_said(client: Client) -> None:
    """Of any app: a missing table of readers fails every page of a reader who is signed in."""
    rebuild_index(search_backend())
    MigrationRecorder.Migration.objects.filter(app="people").order_by("-pk")[:1].get().delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "lacks 1 migrations; run manage.py migrate"


@pytest.mark.django_db
def test_vectors_of_a_former_encoder_are_said_and_the_site_is_ready(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    def use(**options: Any) -> None:
        backend = "tests.search.concepts.ConceptRetriever"
        settings.DENSE_RETRIEVERS = {
            "default": {"BACKEND": backend, "OPTIONS": {"path": tmp_path / "vectors", **options}}
        }

    use()
    make_paper(title="Cats")
    rebuild_index(search_backend())
    call_command("embed_papers", verbosity=0)
    assert client.get("/readyz").json()["vectors"] == "ok"
    use(hash_of_model="wide-2", installed=["concepts-1"])
    response = client.get("/readyz")
    assert response.status_code == 200
    said = response.json()["vectors"]
    assert said.startswith(
        "ok, but vectors of the former encoder model concepts-1 are in use until manage.py embed_papers"
    )
    call_command("embed_papers", verbosity=0)
    assert client.get("/readyz").json()["vectors"] == "ok"
