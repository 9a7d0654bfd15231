from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from coolpapers.feeding.errors import UploadRefused
from coolpapers.feeding.models import PrivateEntry, Upload
from coolpapers.feeding.uploads import storing
from coolpapers.feeding.uploads.storing import private_path, remove_orphans, scan, store_upload, upload_path

BIB = b"@article{k, title={A paper that was uploaded}, author={Example, Ada}, year=2024}"


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "data", "target", "words"),
    [
        ("a.bib", b"", "shelf", "empty"),
        ("a.exe", b"MZ\x90\x00", "shelf", "no file that can be read"),
        ("a.bib", BIB + b" " * (1 << 20), "shelf", "larger than 1 MB"),
        ("a.jsonl", b'{"id": "own:1", "title": "T"}', "shelf", "A shelf takes PDFs and references"),
    ],
)
def test_what_cannot_be_read_is_refused_at_once(settings: Any, name: str, data: bytes, target: str, words: str) -> None:
    settings.UPLOAD_MAX_MB = 1
    with pytest.raises(UploadRefused, match=words):
        store_upload(SimpleUploadedFile(name, data), owner=None, target=target)
    assert not Upload.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["../../etc/passwd.bib", "a b;rm -rf.BIB", "ünïcode.bib", ".bib", "x" * 300 + ".bib"])
def test_a_name_never_becomes_a_path(name: str, tmp_path: Path) -> None:
    upload = store_upload(SimpleUploadedFile(name, BIB), owner=None, target="library")
    path = upload_path(upload)
    assert path.parent == tmp_path / "uploads"
    assert path.read_bytes() == BIB
    assert upload.source == "bibtex"


def test_a_scanner_refuses_a_file_or_fails(settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"EICAR")
    scan(path)  # none is set
    script = "import sys; sys.exit({})"
    for status, words in ((1, "found something"), (2, "does not work")):
        settings.SCAN_COMMAND = f"{sys.executable} -c '{script.format(status)}'"
        with pytest.raises(UploadRefused, match=words):
            scan(path)
    settings.SCAN_COMMAND = f'{sys.executable} -c \'import sys; sys.exit(b"EICAR" in open(sys.argv[1], "rb").read())\''
    with pytest.raises(UploadRefused, match="found something"):
        scan(path)
    path.write_bytes(b"clean")
    scan(path)
    settings.SCAN_COMMAND = "/nowhere/scanner"
    with pytest.raises(UploadRefused, match="does not work"):
        scan(path)


@pytest.mark.parametrize(
    "script", ["import time; time.sleep(60)", "import os; os.kill(os.getpid(), 9)", "raise SystemExit(255)", "'"]
)
def test_a_scanner_that_hangs_is_killed_or_is_written_wrongly_lets_nothing_in(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str
) -> None:
    monkeypatch.setattr(storing, "SCAN_S", 0.5)
    settings.SCAN_COMMAND = f"{sys.executable} -c '{script}'"
    with pytest.raises(UploadRefused, match="does not work"):
        scan(tmp_path / "file")


def test_a_command_of_spaces_is_none(settings: Any, tmp_path: Path) -> None:
    """The file itself must not become the command."""
    path, witness = tmp_path / "file", tmp_path / "witness"
    path.write_text(f"#!/bin/sh\ntouch {witness}\n", encoding="utf-8")
    path.chmod(0o755)
    settings.SCAN_COMMAND = "  "
    scan(path)
    assert not witness.exists()


@pytest.mark.django_db
def test_files_of_deleted_accounts_are_removed(tmp_path: Path) -> None:
    ada = User.objects.create_user("ada")
    kept, gone = (PrivateEntry.objects.create(owner=ada, key=key, title="T") for key in ("a", "b"))
    upload = Upload.objects.create(
        owner=ada, name="a.bib", target="shelf", source="bibtex", requested_at=timezone.now()
    )
    for path in (private_path(kept), private_path(gone), upload_path(upload)):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    gone_path = private_path(gone)
    gone.delete()
    remove_orphans()
    assert (private_path(kept).exists(), gone_path.exists(), upload_path(upload).exists()) == (True, False, True)
    ada.delete()
    remove_orphans()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
