"""A backup is complete or is not there, whatever the site and the disk do meanwhile."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from coolpapers.operating.backups.archive import Manifest, open_archive
from coolpapers.operating.backups.making import (
    SECRET_KEY,
    BackupReport,
    BackupStopped,
    Contents,
    Site,
    make_backup,
)
from coolpapers.operating.errors import BackupFailed
from coolpapers.papers.models import Category, Paper, latest_revision
from tests.coolpapers.operating.sites import fill_site
from tests.coolpapers.papers.library import make_paper

EVERYTHING = Contents()
pytestmark = pytest.mark.django_db(transaction=True)


def back_up(path: Path, data: Path, contents: Contents = EVERYTHING) -> BackupReport:
    environment = {"COOLPAPERS_SITE_NAME": "Lab", "COOLPAPERS_LLM_KEY": "s3cret"}
    site = Site(version="0.2.0", data=data, environment=environment)
    return make_backup(path, site, now=timezone.now(), contents=contents)


def manifest_of(path: Path) -> Manifest:
    with open_archive(path) as archive:
        archive.verify()
        return archive.manifest


def rows(path: Path, model: str) -> list[list[object]]:
    with open_archive(path) as archive, archive.lines(f"tables/{model}.jsonl") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "secret_key").write_text("the key", encoding="utf-8")
    return folder


def test_everything_but_secrets_is_in_it(tmp_path: Path, data: Path) -> None:
    fill_site(data)
    report = back_up(tmp_path / "b.zip", data)
    manifest = manifest_of(tmp_path / "b.zip")
    n_rows = {table.model: table.n_rows for table in manifest.tables}
    assert (n_rows["papers.paper"], n_rows["people.item"], n_rows["reading.summary"], n_rows["auth.user"]) == (
        30,
        1,
        1,
        1,
    )
    assert "sessions.session" not in n_rows
    assert manifest.files() == ["data/files/own/3f/pdf-3f.pdf"]
    assert (manifest.revision, report.n_rows) == (latest_revision(), sum(n_rows.values()))
    assert b"s3cret" not in (tmp_path / "b.zip").read_bytes()
    assert manifest.variables == {"COOLPAPERS_LLM_KEY": "(secret)", "COOLPAPERS_SITE_NAME": "Lab"}
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0  # readable by its owner only


def test_secrets_are_in_it_when_asked_for(tmp_path: Path, data: Path) -> None:
    back_up(tmp_path / "b.zip", data, Contents(secrets=True))
    manifest = manifest_of(tmp_path / "b.zip")
    assert manifest.has_secrets
    assert manifest.files() == [SECRET_KEY]
    assert manifest.variables["COOLPAPERS_LLM_KEY"] == "s3cret"
    assert "sessions.session" in {table.model for table in manifest.tables}


def test_rows_are_of_one_moment_while_others_write(tmp_path: Path, data: Path) -> None:
    for _ in range(20):
        make_paper()
    stopped = threading.Event()
    written = threading.Event()

    def write() -> None:
        while not stopped.is_set():
            make_paper()
            written.set()
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(20)
        for number in range(3):
            written.clear()
            back_up(tmp_path / f"{number}.zip", data)
            assert written.wait(20)
    finally:
        stopped.set()
        writer.join(20)
    for number in range(3):
        papers, sources = (
            rows(tmp_path / f"{number}.zip", "papers.paper"),
            rows(tmp_path / f"{number}.zip", "papers.papersource"),
        )
        manifest = manifest_of(tmp_path / f"{number}.zip")
        names = next(table.columns for table in manifest.tables if table.model == "papers.paper")
        revisions = [row[names.index("revision")] for row in papers]
        # make_paper draws a revision for each paper and adds its source afterwards.
        assert max(revisions) == manifest.revision == len(papers)  # type: ignore[type-var]
        assert len(papers) - len(sources) in (0, 1)


def test_another_file_is_not_overwritten(tmp_path: Path, data: Path) -> None:
    (tmp_path / "thesis.pdf").write_text("years of work", encoding="utf-8")
    with pytest.raises(BackupFailed, match="exists and is no backup"):
        back_up(tmp_path / "thesis.pdf", data)
    with pytest.raises(BackupFailed, match="is a folder"):
        back_up(tmp_path, data)
    assert (tmp_path / "thesis.pdf").read_text(encoding="utf-8") == "years of work"


def test_an_older_backup_is_replaced_and_a_killed_ones_file_deleted(tmp_path: Path, data: Path) -> None:
    back_up(tmp_path / "b.zip", data)
    (tmp_path / ".b.zip.k1ll3d").write_bytes(b"half")
    Category.objects.create(code="cs.CL")
    back_up(tmp_path / "b.zip", data)
    assert len(rows(tmp_path / "b.zip", "papers.category")) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "data"]


def test_two_backups_do_not_meet_in_one_folder(tmp_path: Path, data: Path) -> None:
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(BackupFailed, match="Another backup is being written"):
        back_up(tmp_path / "b.zip", data)
    os.close(handle)
    back_up(tmp_path / "b.zip", data)


def test_a_stopped_backup_leaves_nothing(tmp_path: Path, data: Path) -> None:
    fill_site(data)
    site = Site(version="0.2.0", data=data)
    with pytest.raises(BackupStopped):
        make_backup(tmp_path / "out" / "b.zip", site, now=timezone.now(), should_stop=lambda: True)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_a_full_disk_ends_with_one_sentence_and_keeps_the_older_backup(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    back_up(out / "b.zip", data)
    before = (out / "b.zip").read_bytes()
    fill_site(data)

    # The temporary file is the device that is always full: what is written there fails as on a full disk.
    def full_file(**_: object) -> tuple[int, str]:
        (out / ".b.zip.full").symlink_to("/dev/full")
        return os.open(os.devnull, os.O_RDONLY), str(out / ".b.zip.full")

    monkeypatch.setattr("search.base.files.tempfile.mkstemp", full_file)
    with pytest.raises(BackupFailed, match=r"is full; no backup was written"):
        back_up(out / "b.zip", data)
    assert [path.name for path in out.iterdir()] == ["b.zip"]
    assert (out / "b.zip").read_bytes() == before


def test_an_index_that_is_being_written_is_left_out_and_named(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coolpapers.operating.backups.folders.LOCK_PATIENCE_S", 0.0)
    folder = data / "index" / "tantivy"
    folder.mkdir(parents=True)
    with (folder / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = back_up(tmp_path / "b.zip", data)
    assert len(report.left_out) == 1
    assert report.left_out[0].startswith("The index is left out:")
    assert manifest_of(tmp_path / "b.zip").parts == ("database", "files", "vectors")


def test_errors_that_are_none_of_a_full_disk_pass(tmp_path: Path, data: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OSError) as raised:  # noqa: PT011 # the number is checked
        back_up(tmp_path / "file" / "b.zip", data)
    assert raised.value.errno in (errno.ENOTDIR, errno.EEXIST)
    assert Paper.objects.count() == 0
