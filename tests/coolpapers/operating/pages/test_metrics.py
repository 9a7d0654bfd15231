"""``/metrics`` is for the token's owner, or without a token for this machine; it adds up the web server's processes."""

from __future__ import annotations

import re
import time
from pathlib import Path

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

from tests.coolpapers.test_asgi import serving, workers
from tests.own_library import Library, make_database

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "papers.example.org", "testserver"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_this_machine_reads_it(client: Client, host: str) -> None:
    answer = client.get("/metrics", headers={"Host": host})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert re.search(r"^coolpapers_papers \d", answer.text, re.M)  # maybe of another test, less than 30 seconds old


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"Host": "localhost"}, "192.0.2.7"),
        ({"Host": "localhost", "X-Forwarded-For": "192.0.2.7"}, "127.0.0.1"),
        ({"Host": "localhost", "X-Real-IP": "192.0.2.7"}, "127.0.0.1"),
        ({"Host": "localhost", "Forwarded": "for=192.0.2.7"}, "127.0.0.1"),
        ({"Host": "papers.example.org"}, "127.0.0.1"),  # a proxy that names no client
    ],
)
def test_nobody_else_does(client: Client, headers: dict[str, str], address: str) -> None:
    answer = client.get("/metrics", headers=headers, REMOTE_ADDR=address)
    assert answer.status_code == 403
    assert "COOLPAPERS_METRICS_TOKEN" in answer.text
    assert "coolpapers_papers" not in answer.text


def test_a_site_behind_tls_asks_for_a_token(client: Client, settings: Settings) -> None:
    settings.HTTPS = True
    assert client.get("/metrics", headers={"Host": "localhost"}).status_code == 403


def test_with_a_token_it_alone_counts(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "s3cret"
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "s3cret"},
        {"Authorization": "Basic s3cret"},
    ):
        answer = client.get("/metrics", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    answer = client.get("/metrics", headers={"Authorization": "Bearer s3cret"}, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 200


@pytest.mark.slow
def test_the_processes_of_the_server_are_added_up(tmp_path: Path) -> None:
    make_database(tmp_path)
    library = Library(tmp_path, COOLPAPERS_DEBUG="yes", COOLPAPERS_SEARCH_MODE="bm25")
    with serving(library, "--workers", "2") as (client, process):
        for _ in range(40):
            with httpx.Client(base_url=client.base_url, timeout=60) as reader:
                assert reader.get("/robots.txt").status_code == 200
        for _ in range(200):  # an idle process writes its numbers every five seconds
            if n_answers(client) == 40:
                break
            time.sleep(0.1)
        assert n_answers(client) == 40
        assert len(workers(process)) == 2


def n_answers(client: httpx.Client) -> int:
    """Answers of /robots.txt by all processes, as far as the one that is asked knows."""
    pattern = r'coolpapers_requests_total\{method="GET",status="200",view="operating:show_robots"\} (\d+)'
    with httpx.Client(base_url=client.base_url, timeout=60) as reader:
        return sum(int(number) for number in re.findall(pattern, reader.get("/metrics").text))
