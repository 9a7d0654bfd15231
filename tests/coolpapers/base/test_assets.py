from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from coolpapers.base.assets import AssetsMiddleware, vendor_path, vendor_version

pytestmark = pytest.mark.django_db  # closing a response ends a request
FILES = {"vendor/mathjax/core.js": "vendor/mathjax/core.aaaa.js", "js/main.js": "js/main.bbbb.js"}


def collected(folder: Path, settings: Any, changed: dict[str, str] | None = None) -> None:
    """Use a folder of collected files, with the manifest that names them."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"// {name}")
    manifest = {"version": "1.1", "paths": FILES | (changed or {}), "hash": "0"}
    (folder / "staticfiles.json").write_text(json.dumps(manifest))
    storage = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": storage}}
    settings.STATIC_ROOT = folder
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    vendor_version.cache_clear()


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Two collected files."""
    collected(tmp_path, settings)
    yield
    vendor_version.cache_clear()


def get(address: str) -> Any:
    def next_view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("next view", status=404)

    return AssetsMiddleware(next_view)(RequestFactory().get(address))


@pytest.mark.usefixtures("files")
def test_packages_are_kept_for_a_year_under_their_version() -> None:
    response = get(f"{vendor_path()}mathjax/core.js")
    assert b"".join(response.streaming_content) == b"// vendor/mathjax/core.js"
    response.close()
    assert response["Cache-Control"] == "max-age=31536000, public, immutable"


@pytest.mark.usefixtures("files")
def test_another_version_and_the_plain_address_are_asked_again_soon() -> None:
    for address in ("/static/vendor@0123abcd/mathjax/core.js", "/static/vendor/mathjax/core.js"):
        response = get(address)
        assert response.status_code == 200
        assert response["Cache-Control"] == "max-age=60, public"
        response.close()


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", ["mathjax/none.js", "../js/main.js", "..%2Fjs/main.js", "", "@0/mathjax/core.js"])
def test_nothing_else_is_served_under_a_version(name: str) -> None:
    assert get(f"{vendor_path()}{name}").status_code == 404


@pytest.mark.usefixtures("files")
def test_the_version_changes_with_the_packages_only(tmp_path: Path, settings: Any) -> None:
    versions = [vendor_version()]
    for changed in ({"js/main.js": "js/main.cccc.js"}, {"vendor/mathjax/core.js": "vendor/mathjax/core.dddd.js"}):
        collected(tmp_path, settings, changed)
        versions.append(vendor_version())
    assert versions[0] == versions[1] != versions[2]


def test_without_collected_files_pages_name_the_folder_itself(client: Client) -> None:
    vendor_version.cache_clear()
    assert vendor_path() == "/static/vendor/"
    assert 'data-vendor="/static/vendor/"' in client.get("/").content.decode()


@pytest.mark.usefixtures("files")
def test_the_address_of_the_folder_has_its_version() -> None:
    assert vendor_path() == f"/static/vendor@{vendor_version()}/"
