"""Nothing about a visitor is stored on the server: no row, no session, no cookie, no line in the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import CASCADE, ForeignKey
from django.test import Client

from coolpapers.finding.indexing.index import rebuild_index
from search.engines.registry import search_backend
from tests.coolpapers.papers.library import MONDAY, make_paper

pytestmark = pytest.mark.django_db


def row_counts() -> Mapping[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.fixture
def _library(settings: Any, tmp_path: Path) -> None:
    options = {"path": tmp_path / "index"}
    settings.SEARCH_BACKENDS = {"tantivy": {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": options}}
    settings.SEARCH_BACKEND = "tantivy"
    make_paper(arxiv_id="2603.00001", day=MONDAY, title="Graphs")
    rebuild_index(search_backend())


VISITS: list[tuple[str, dict[str, Any] | None]] = [
    ("/", None),
    ("/arxiv/cs.CL", None),
    ("/arxiv/cs.CL?sort=stars", None),
    ("/arxiv/2603.00001", None),
    ("/search?q=graphs", None),
    ("/search?q=is:starred", None),
    ("/search?q=is:starred", {"flags": json.dumps({"is:starred": ["arxiv:2603.00001"]})}),
    ("/me/", None),
    ("/me/?shelf=notes", None),
    ("/me/cards", {"keys": "arxiv:2603.00001"}),
    ("/me/import", {"file": b"2603.00001"}),
    ("/me/export", None),
    ("/me/sync", {}),
    ("/related/2603.00001", None),
    ("/cite/2603.00001", None),
]


@pytest.mark.usefixtures("_library")
def test_a_visit_leaves_no_row_cookie_or_log_line(caplog: pytest.LogCaptureFixture) -> None:
    # Not from the machine itself: there the first page asks its librarian a question, by a form with a token.
    client = Client(REMOTE_ADDR="192.0.2.7")
    caplog.set_level(logging.DEBUG)
    for name in ("django.db.backends", "asyncio", "faker"):
        logging.getLogger(name).setLevel(logging.INFO)
    before = row_counts()
    for address, body in VISITS:
        if body is None:
            response = client.get(address)
        else:
            files = {name: SimpleUploadedFile("x", value) for name, value in body.items() if isinstance(value, bytes)}
            response = client.post(address, body | files)
        assert response.status_code in (200, 302, 401), address
        assert not response.cookies, address
    assert row_counts() == before
    told = [record.getMessage() for record in caplog.records]
    assert [line for line in told if "2603.00001" in line or "is:starred" in line or "192.0.2.7" in line] == []


# Rows that may have no account: uploads into the library by the librarian of a site without accounts.
WITHOUT_ACCOUNT = {"feeding.Upload"}
# Rows that outlive an account, for two weeks: a keyed hash of its name, so that its invitation is not used again.
OF_NO_READER = {"people.UsedInvitation": {"digest", "used_at"}}


def test_data_of_an_account_is_deleted_with_it() -> None:
    owned = [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model is User
    ]
    assert "people.Item" in {model._meta.label for model, _field in owned}
    for model, field in owned:
        assert field.remote_field.on_delete is CASCADE, f"{model._meta.label}: rows stay when the account goes"
        if model._meta.label in WITHOUT_ACCOUNT:
            continue
        assert not field.null, f"{model._meta.label}: rows without an account"


def test_every_table_of_readers_refers_to_the_user() -> None:
    for model in apps.get_app_config("people").get_models():
        if model._meta.label in OF_NO_READER:
            assert {field.name for field in model._meta.get_fields()} == OF_NO_READER[model._meta.label]
            continue
        fields = [field for field in model._meta.get_fields() if isinstance(field, ForeignKey)]
        assert any(field.related_model is User for field in fields), f"{model._meta.label}: whose are its rows?"
