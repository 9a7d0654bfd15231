from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from coolpapers.feeding.models import PrivateEntry, Upload
from coolpapers.feeding.uploads.storing import private_path
from coolpapers.papers.models import Paper
from tests.coolpapers.feeding.runs import NOW
from tests.coolpapers.feeding.uploads.test_storing import BIB

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    settings.ACCOUNTS = "open"


def signed_in(name: str, **fields: Any) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(name, **fields))
    return client


def post(client: Client, target: str, data: bytes = BIB, **options: Any) -> Any:
    return client.post("/me/upload", {"target": target, "file": SimpleUploadedFile("refs.bib", data)}, **options)


def test_a_reader_uploads_into_the_own_shelf_only() -> None:
    ada, bo = signed_in("ada"), signed_in("bo")
    assert post(ada, "library").status_code == 403
    page = post(ada, "shelf", follow=True).content.decode()
    assert "0 of this library, 1 new private entries, 0 refused." in page
    assert "A paper that was uploaded" in page
    assert "A paper that was uploaded" not in bo.get("/me/upload").content.decode()
    assert not Paper.objects.exists()


def test_a_librarian_uploads_into_the_library() -> None:
    page = post(signed_in("lib", is_staff=True), "library", follow=True).content.decode()
    assert "1 new, 0 changed, 0 unchanged, 0 refused." in page
    assert Paper.objects.count() == 1


def test_visitors_sign_in_first(client: Client) -> None:
    assert client.get("/me/upload")["Location"].endswith("?next=/me/upload")
    assert post(client, "library")["Location"].endswith("?next=/me/upload")
    assert not Upload.objects.exists()


@pytest.mark.parametrize(("target", "status"), [("shelf", 422), ("nowhere", 400), ("library", 403)])
def test_refusals_have_a_reason(target: str, status: int) -> None:
    file = SimpleUploadedFile("refs.exe", b"MZ\x90")
    response = signed_in("ada").post("/me/upload", {"target": target, "file": file})
    assert response.status_code == status
    assert 'role="alert"' in response.content.decode()


def test_a_form_without_a_file_is_told() -> None:
    assert signed_in("ada").post("/me/upload", {"target": "shelf"}).status_code == 400


def test_a_private_file_is_for_its_owner_alone() -> None:
    ada, bo, lib = signed_in("ada"), signed_in("bo"), signed_in("lib", is_staff=True)
    entry = PrivateEntry.objects.create(owner=User.objects.get(username="ada"), key="k", title="T", has_file=True)
    private_path(entry).parent.mkdir()
    private_path(entry).write_bytes(b"%PDF-1.4 mine")
    response = ada.get(f"/me/upload/{entry.pk}/file")
    assert b"".join(response.streaming_content) == b"%PDF-1.4 mine"  # type: ignore[attr-defined]
    for other in (bo, lib):
        assert other.get(f"/me/upload/{entry.pk}/file").status_code == 404
        assert other.post(f"/me/upload/{entry.pk}/delete").status_code == 404
    ada.post(f"/me/upload/{entry.pk}/delete")
    assert not PrivateEntry.objects.exists()
    assert not private_path(entry).exists()


def test_progress_is_shown_and_asked_for_again() -> None:
    ada = signed_in("ada")
    owner = User.objects.get(username="ada")
    Upload.objects.create(
        owner=owner, name="<big>.bib", target="shelf", source="bibtex", status="running", percent=40, requested_at=NOW
    )
    page = ada.get("/me/upload").content.decode()
    assert 'value="40"' in page
    assert "&lt;big&gt;.bib" in page
    part = ada.get("/me/upload", headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" in part
    assert "<html" not in part
