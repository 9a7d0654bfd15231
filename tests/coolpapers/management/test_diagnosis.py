"""What doctor looks at, each part well and ill."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from coolpapers.management import diagnosis
from coolpapers.management.commands.prepare_site import static_fingerprint
from coolpapers.management.diagnosis import BROKEN, OK, WARNING
from coolpapers.management.findings import PARTS
from tests.coolpapers.finding.conftest import index_as_older_version, index_papers, own_index  # noqa: F401
from tests.coolpapers.management.checked_site import assert_ill, checked_site  # noqa: F401
from tests.coolpapers.management.printed_cures import findings
from tests.coolpapers.papers.library import make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked_site")]


def test_the_data_folder(settings: Any, tmp_path: Path) -> None:
    assert diagnosis.check_folder().state == OK
    settings.DATA_DIR = tmp_path / "absent"
    assert_ill(diagnosis.check_folder(), BROKEN, "prepare_site")


@pytest.mark.parametrize(("free", "state"), [(100 << 30, OK), (1 << 30, WARNING), (1 << 20, BROKEN)])
def test_free_disk(settings: Any, tmp_path: Path, free: int, state: str) -> None:
    settings.DATA_DIR = tmp_path / "not" / "yet"
    assert diagnosis.check_disk(lambda path: (0, 0, free)).state == state


def test_static_files(settings: Any) -> None:
    assert_ill(diagnosis.check_static(), BROKEN, "prepare_site")
    settings.STATIC_ROOT.mkdir()
    stamp = settings.STATIC_ROOT / ".fingerprint"
    stamp.write_text("old", encoding="utf-8")
    assert_ill(diagnosis.check_static(), WARNING, "prepare_site")
    stamp.write_text(static_fingerprint(settings.BASE_DIR / "static"), encoding="utf-8")
    assert diagnosis.check_static().state == OK


def test_static_files_of_an_installed_wheel_are_collected_already(settings: Any) -> None:
    settings.STATICFILES_DIRS = []
    assert diagnosis.check_static().state == OK


def test_the_database() -> None:
    assert_ill(diagnosis.check_database(), WARNING, "import_papers")
    make_paper()
    assert "1 papers" in diagnosis.check_database().message


@pytest.mark.django_db(transaction=True)
def test_a_database_behind_its_migrations() -> None:
    call_command("migrate", "admin", "zero", verbosity=0)
    try:
        assert_ill(diagnosis.check_database(), BROKEN, "migrate")
    finally:
        call_command("migrate", verbosity=0)


def test_the_worker(settings: Any) -> None:
    settings.CELERY_BROKER_URL = ""
    assert diagnosis.check_worker().state == OK


def test_the_parts_in_order(own_index: Path) -> None:  # noqa: F811
    assert [finding.part for finding in diagnosis.diagnose()] == list(PARTS)
    assert list(PARTS) == [
        "data folder",
        "secret key",
        "disk",
        "static files",
        "database",
        "ranking",
        "index",
        "vectors",
        "encoder",
        "cross-encoder",
        "worker",
        "cache",
    ]


def test_a_key_that_is_not_kept_is_broken(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    assert_ill(diagnosis.check_secret_key(), BROKEN, "restart")
    (tmp_path / "secret_key").touch()
    assert_ill(diagnosis.check_secret_key(), BROKEN, "restart")
    (tmp_path / "secret_key").write_text("a key", encoding="utf-8")
    assert diagnosis.check_secret_key().state == OK


def test_every_sentence_is_translated_when_it_is_shown() -> None:
    """A command is the same in all languages. Everything else is marked for translation and not yet translated."""
    texts = [_text(argument) for call in findings() for argument in call.args[2:4]]
    assert len(texts) > 40
    assert [text for text in texts if text and not text.startswith(("manage.py ", "celery "))] == []


def _text(argument: ast.expr) -> str:
    """The text of a literal; "" for what is computed, which is a lazy translation."""
    match argument:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr():
            return ast.unparse(argument)
        case _:
            return ""
