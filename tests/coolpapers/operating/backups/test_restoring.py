"""A backup restored into an empty site gives the same site, and nothing else is ever changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from coolpapers.finding.indexing.index import is_own_index, rebuild_index
from coolpapers.operating.backups.making import Contents, Site, make_backup
from coolpapers.operating.backups.restoring import STAGING, RestoreReport, restore_backup
from coolpapers.operating.errors import BackupUnreadable, RestoreRefused
from coolpapers.papers.models import Category, Paper, latest_revision
from search.engines.tantivy import TantivyBackend
from tests.coolpapers.operating.sites import files_of, fill_site, rows_of
from tests.coolpapers.papers.library import make_paper

EVERYTHING = Contents()
pytestmark = pytest.mark.django_db(transaction=True)


def back_up(path: Path, data: Path, contents: Contents = EVERYTHING) -> None:
    make_backup(path, Site(version="0.2.0", data=data), now=timezone.now(), contents=contents)


def empty_site() -> None:
    call_command("flush", interactive=False, verbosity=0)


def database() -> Path:
    return Path(connection.settings_dict["NAME"])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def restore(path: Path, data: Path, *, replace: bool = False) -> RestoreReport:
    return restore_backup(path, data, replace=replace)


def test_the_restored_site_is_the_same(tmp_path: Path, data: Path) -> None:
    fill_site(data)
    rows, files, revision = rows_of(database()), files_of(data), latest_revision()
    back_up(tmp_path / "b.zip", data)
    empty_site()
    report = restore(tmp_path / "b.zip", tmp_path / "new")
    assert rows_of(database()) == rows
    assert files_of(tmp_path / "new") == files
    assert (report.n_files, report.was_there, latest_revision()) == (1, False, revision)
    assert get_user_model().objects.get(username="ada").check_password("long enough")


def test_new_rows_get_numbers_of_their_own_and_permissions_fit(tmp_path: Path, data: Path) -> None:
    fill_site(data)
    group = Group.objects.create(name="librarians")
    group.permissions.set(Permission.objects.filter(codename="change_paper"))
    back_up(tmp_path / "b.zip", data)
    empty_site()
    restore(tmp_path / "b.zip", data)
    last = Paper.objects.order_by("pk").last()
    assert last is not None
    assert make_paper().pk > last.pk
    assert [each.content_type.model for each in Group.objects.get().permissions.all()] == ["paper"]


def test_the_index_is_recognised(tmp_path: Path, data: Path) -> None:
    fill_site(data)
    rebuild_index(TantivyBackend(path=data / "index" / "tantivy"))
    back_up(tmp_path / "b.zip", data)
    empty_site()
    make_paper()
    empty_site()
    restore(tmp_path / "b.zip", tmp_path / "new")
    engine = TantivyBackend(path=tmp_path / "new" / "index" / "tantivy")
    assert (engine.count(), engine.revision(), engine.verify()) == (30, latest_revision(), [])
    assert is_own_index(engine)


def test_a_site_that_is_not_empty_is_left_alone(tmp_path: Path, data: Path) -> None:
    back_up(tmp_path / "b.zip", data)
    make_paper()
    rows = rows_of(database())
    with pytest.raises(RestoreRefused, match=r"not empty: it holds 1 papers, 0 accounts .* --replace"):
        restore(tmp_path / "b.zip", data)
    assert rows_of(database()) == rows


def test_one_account_is_enough_for_a_site_not_to_be_empty(tmp_path: Path, data: Path) -> None:
    back_up(tmp_path / "b.zip", data)
    get_user_model().objects.create_user("ada")
    with pytest.raises(RestoreRefused, match="1 accounts"):
        restore(tmp_path / "b.zip", data)


def test_replace_deletes_what_is_there(tmp_path: Path, data: Path) -> None:
    fill_site(data)
    rows = rows_of(database())
    back_up(tmp_path / "b.zip", data)
    make_paper(title="Later")
    restore(tmp_path / "b.zip", data, replace=True)
    assert rows_of(database()) == rows


def test_restoring_twice_changes_nothing(tmp_path: Path, data: Path) -> None:
    fill_site(data)
    back_up(tmp_path / "b.zip", data)
    empty_site()
    restore(tmp_path / "b.zip", data)
    rows = rows_of(database())
    assert restore(tmp_path / "b.zip", data).was_there
    assert rows_of(database()) == rows


def test_a_damaged_backup_changes_nothing(tmp_path: Path, data: Path) -> None:
    fill_site(data)
    back_up(tmp_path / "b.zip", data)
    content = bytearray((tmp_path / "b.zip").read_bytes())
    content[len(content) // 3] ^= 0xFF
    (tmp_path / "b.zip").write_bytes(content)
    empty_site()
    with pytest.raises(BackupUnreadable, match="damaged"):
        restore(tmp_path / "b.zip", tmp_path / "new")
    assert Paper.objects.count() == 0
    assert not (tmp_path / "new").exists()


def test_a_failure_before_the_commit_leaves_an_empty_site(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_site(data)
    back_up(tmp_path / "b.zip", data)
    empty_site()
    before = rows_of(database())
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "files").write_text("a file in the way of a folder", encoding="utf-8")
    with pytest.raises(OSError, match="directory"):
        restore(tmp_path / "b.zip", tmp_path / "new")
    assert rows_of(database()) == before
    assert not (tmp_path / "new" / STAGING).exists()
    (tmp_path / "new" / "files").unlink()
    restore(tmp_path / "b.zip", tmp_path / "new")
    assert Paper.objects.count() == 30


def test_what_a_killed_restore_left_is_replaced(tmp_path: Path, data: Path) -> None:
    fill_site(data)
    files = files_of(data)
    back_up(tmp_path / "b.zip", data)
    empty_site()
    shutil.copytree(data, tmp_path / "new")
    (tmp_path / "new" / STAGING / "files").mkdir(parents=True)
    (tmp_path / "new" / STAGING / "files" / "half").write_bytes(b"x")
    restore(tmp_path / "b.zip", tmp_path / "new")
    assert files_of(tmp_path / "new") == files


def test_too_little_space_is_noticed_before_anything_is_written(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_site(data)
    back_up(tmp_path / "b.zip", data)
    empty_site()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1_000))
    with pytest.raises(RestoreRefused, match="Free some space; nothing was changed"):
        restore(tmp_path / "b.zip", tmp_path / "new")
    assert Paper.objects.count() == 0


def test_the_secret_key_comes_with_secrets_only(tmp_path: Path, data: Path) -> None:
    data.mkdir()
    (data / "secret_key").write_text("the key", encoding="utf-8")
    Category.objects.create(code="cs.CL")
    back_up(tmp_path / "with.zip", data, Contents(secrets=True))
    back_up(tmp_path / "without.zip", data)
    empty_site()
    restore(tmp_path / "without.zip", tmp_path / "new")
    assert not (tmp_path / "new" / "secret_key").exists()
    restore(tmp_path / "with.zip", tmp_path / "new", replace=True)
    assert (tmp_path / "new" / "secret_key").read_text(encoding="utf-8") == "the key"
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o077 == 0
    assert tmp_path / "new" != settings.DATA_DIR
