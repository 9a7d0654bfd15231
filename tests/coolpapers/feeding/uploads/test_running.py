from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from coolpapers.feeding.models import PrivateEntry, Upload
from coolpapers.feeding.uploads import running
from coolpapers.feeding.uploads.running import LEASE, take_upload
from coolpapers.feeding.uploads.storing import private_path, store_upload, upload_path
from coolpapers.papers.models import Paper
from tests.coolpapers.feeding.runs import NOW
from tests.coolpapers.feeding.uploads.test_storing import BIB
from tests.pdf_files import make_paper_pdf

pytestmark = pytest.mark.django_db
TWO = BIB + b"\n@article{broken, author={Sample, Bo}}\n"


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"


def send(name: str, data: bytes, *, owner: User | None = None) -> Upload:
    target = "shelf" if owner else "library"
    return store_upload(SimpleUploadedFile(name, data), owner=owner.pk if owner else None, target=target)


def take() -> Upload:
    upload = take_upload(now=lambda: NOW)
    assert upload is not None
    return upload


def test_a_librarians_file_goes_into_the_library_with_reasons_for_refusals() -> None:
    sent = send("refs.bib", TWO)
    upload = take()
    assert (upload.status, upload.n_added, upload.n_refused, upload.percent) == ("done", 1, 1, 100)
    assert upload.refusals[0].startswith("refs.bib, line 2: title: missing")
    assert Paper.objects.get().title == "A paper that was uploaded"
    assert not upload_path(sent).exists()
    assert take_upload(now=lambda: NOW) is None


def test_a_readers_pdf_is_private() -> None:
    ada = User.objects.create_user("ada")
    data = make_paper_pdf(title=("A Private Paper", "of a Reader"), authors="Ada Example")
    send("mine.pdf", data, owner=ada)
    upload = take()
    assert (upload.status, upload.error, upload.n_changed) == ("done", "", 1)
    entry = PrivateEntry.objects.get(owner=ada)
    assert entry.has_file
    assert private_path(entry).read_bytes() == data
    assert not Paper.objects.exists()


def test_an_infected_file_is_not_read(settings: Any) -> None:
    settings.SCAN_COMMAND = "false"
    sent = send("refs.bib", BIB)
    upload = take()
    assert (upload.status, upload.error) == ("failed", "The virus scanner found something in the file.")
    assert not Paper.objects.exists()
    assert not upload_path(sent).exists()


def test_a_file_without_references_is_told() -> None:
    send("refs.bib", b"nothing at all", owner=User.objects.create_user("ada"))
    assert take().error.startswith("Nothing in the file was recognised")


def test_a_damaged_file_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    send("refs.json", b'[{"type": "article-journal", "issued": {}, "title": ')
    upload = take()
    assert upload.status == "failed"
    assert upload.error

    def fail(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(running, "_read", fail)
    send("refs.bib", BIB)
    assert "fault of this site" in take().error


def test_the_upload_of_a_killed_worker_is_taken_by_another() -> None:
    send("refs.bib", BIB)
    assert running._claim(NOW) is not None
    assert running._claim(NOW) is None
    assert running._claim(NOW + LEASE + timedelta(seconds=1)) is not None
