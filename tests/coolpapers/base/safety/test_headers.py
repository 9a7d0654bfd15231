"""Every header that protects readers, by name and value, on each kind of answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from coolpapers.base.safety.headers import PERMISSIONS_POLICY, SafetyHeadersMiddleware
from tests.coolpapers.papers.library import make_paper
from tests.house.source import ROOT

pytestmark = pytest.mark.django_db

CONTENT_POLICY = {
    "base-uri 'self'",
    "default-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
}
EVERYWHERE = {
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
PAGES = {
    "/": 200,
    "/arxiv/2603.00001": 200,
    "/arxiv/all": 200,
    "/arxiv/all/feed": 200,
    "/search?q=x": 503,
    "/help/": 200,
    "/api/v1/": 200,
    "/api/v1/papers/2603.00001": 200,
    "/api/query?id_list=2603.00001": 200,
    "/cite/2603.00001": 200,
    "/admin/login/": 200,
    "/me/": 200,
    "/no/such/address": 404,
    "/robots.txt": 200,
    "/sitemap.xml": 200,
    "/favicon.ico": 200,
    "/healthz": 200,
    "/metrics": 200,
}


@pytest.mark.parametrize("is_https", [False, True])
@pytest.mark.parametrize(("address", "status"), PAGES.items())
def test_each_kind_of_page_has_each_header(
    client: Client, settings: Settings, address: str, status: int, is_https: bool
) -> None:
    make_paper(arxiv_id="2603.00001")
    settings.SECURE_HSTS_SECONDS = 31_536_000 if is_https else 0
    answer = client.get(address, secure=is_https, headers={"Host": "localhost"})
    assert answer.status_code == status
    found = {name: answer.headers.get(name) for name in EVERYWHERE}
    assert found == EVERYWHERE
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == CONTENT_POLICY
    assert answer.headers.get("Strict-Transport-Security") == ("max-age=31536000" if is_https else None)


def test_files_have_them_too(client: Client) -> None:
    answer = client.get("/static/img/logo.svg")
    assert b"".join(answer).startswith(b"<svg")
    answer.close()
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE


def test_a_view_may_decide_otherwise() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Cross-Origin-Resource-Policy": "cross-origin"})

    answer = SafetyHeadersMiddleware(view)(RequestFactory().get("/"))
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(("https", "expected"), [("yes", set()), ("no", {"W004", "W012", "W016"})])
def test_the_deployment_check_is_clean_behind_tls(tmp_path: Path, https: str, expected: set[str]) -> None:
    code = (
        "import json, django; django.setup(); from django.core.checks import run_checks;"
        "print(json.dumps([m.id for m in run_checks(include_deployment_checks=True) if not m.is_silenced()]))"
    )
    environment = {
        # Tests in a browser allow themselves what no site should: DJANGO_ALLOW_ASYNC_UNSAFE.
        **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")},
        "DJANGO_SETTINGS_MODULE": "coolpapers.settings",
        "COOLPAPERS_DATA_DIR": str(tmp_path),
        "COOLPAPERS_HTTPS": https,
    }
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert {name.removeprefix("security.") for name in json.loads(ended.stdout)} == expected
