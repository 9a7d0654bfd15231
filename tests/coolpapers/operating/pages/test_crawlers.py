"""What crawlers may read, and the map that names it."""

from __future__ import annotations

import re
from urllib.robotparser import RobotFileParser

import pytest
from django.core.management import call_command
from django.test import Client
from lxml import etree
from pytest_django import Settings

from coolpapers.operating.pages import crawlers
from coolpapers.papers.models import Paper, Venue
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
ORIGIN = "https://papers.example.org"


@pytest.fixture(autouse=True)
def _public(settings: Settings) -> None:
    settings.HAS_SITE_URL, settings.SITE_URL = True, ORIGIN
    settings.ALLOWED_HOSTS = ["*"]


def locations(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    return texts(answer.content, "loc")


def texts(content: bytes, name: str) -> list[str]:
    return [element.text or "" for element in etree.fromstring(content).iter(f"{{{SITEMAP}}}{name}")]


def rules(client: Client) -> RobotFileParser:
    parser = RobotFileParser()
    parser.parse(client.get("/robots.txt").text.splitlines())
    return parser


def test_papers_may_be_read_and_expensive_pages_may_not(client: Client) -> None:
    text = client.get("/robots.txt").text
    assert f"Sitemap: {ORIGIN}/sitemap.xml" in text
    parser = rules(client)
    for path in ("/", "/arxiv/2603.00001", "/arxiv/cs.CL", "/venue/ICLR.2025", "/help/", "/pdf/2603.00001"):
        assert parser.can_fetch("AnyBot", path), path
    for path in ("/search?q=x", "/me/", "/admin/login/", "/api/v1/papers/1", "/related/2603.00001", "/status"):
        assert not parser.can_fetch("AnyBot", path), path
    assert {"/*?", "/*/export", "/*/feed"} <= set(re.findall("^Disallow: (.*)$", text, re.M))  # Python's ignores "*"


def test_a_private_site_forbids_everything(client: Client, settings: Settings) -> None:
    settings.CRAWLERS = False
    assert not rules(client).can_fetch("AnyBot", "/arxiv/2603.00001")
    for address in ("/sitemap.xml", "/sitemap/pages.xml", "/sitemap/papers-0.xml"):
        assert client.get(address).status_code == 404


def test_every_address_of_the_map_is_a_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawlers, "PAPERS_A_PART", 7)
    call_command("load_starter", verbosity=0)
    venue = Venue.objects.create(slug="A&B", name="A and B")
    odd = Paper.objects.create(key="memo <1>&2", title="Typed in by hand", venue=venue, venue_year=2025, revision=1)
    withdrawn = make_paper(arxiv_id="2603.09999", withdrawn=True)
    found: list[str] = []
    for part in locations(client, "/sitemap.xml"):
        assert part.startswith(f"{ORIGIN}/sitemap/")
        found += locations(client, part.removeprefix(ORIGIN))
    assert len(found) == len(set(found))
    paths = [address.removeprefix(ORIGIN) for address in found]
    for paper in Paper.objects.exclude(pk=withdrawn.pk):
        assert paper.get_absolute_url() in paths
    assert withdrawn.get_absolute_url() not in paths
    assert odd.get_absolute_url() in paths
    assert "/help/" in paths
    parser = rules(client)
    for path in [*paths[:40], odd.get_absolute_url()]:
        assert client.get(path).status_code == 200, path
        assert parser.can_fetch("AnyBot", path), path


def test_a_part_has_the_days_of_change_and_one_without_papers_is_none(client: Client) -> None:
    paper = make_paper()
    number = paper.pk // crawlers.PAPERS_A_PART
    (day,) = texts(client.get(f"/sitemap/papers-{number}.xml").content, "lastmod")
    assert day == paper.modified_at.date().isoformat()
    assert client.get(f"/sitemap/papers-{number + 1}.xml").status_code == 404
    assert client.get("/sitemap/papers-99999999999999999999.xml").status_code == 404


def test_canonical_addresses_and_descriptions_are_absolute(client: Client) -> None:
    paper = make_paper(arxiv_id="2603.00001", title='Trees & "graphs" <b>')
    for address, canonical in (
        ("/arxiv/2603.00001v2", "/arxiv/2603.00001"),
        ("/arxiv/cs.CL?date=2026-03-02", "/arxiv/cs.CL"),
        ("/author/Ada%20Lovelace", None),
    ):
        page = client.get(address, follow=True).text
        if canonical:
            assert page.count('rel="canonical"') == 1
            assert f'<link rel="canonical" href="{ORIGIN}{canonical}">' in page
            assert '<meta name="description" content="' in page
    page = client.get(paper.get_absolute_url()).text
    assert '<meta property="og:title" content="Trees &amp; &quot;graphs&quot; &lt;b&gt;">' in page
    assert f'<meta property="og:url" content="{ORIGIN}/arxiv/2603.00001">' in page
    assert re.search(f'<meta property="og:image" content="{ORIGIN}/static/img/icon[.0-9a-f]*png">', page)


def test_without_an_address_of_the_site_that_of_the_request_is_used(client: Client, settings: Settings) -> None:
    settings.HAS_SITE_URL = False
    make_paper(arxiv_id="2603.00001")
    page = client.get("/arxiv/2603.00001", headers={"Host": "lab.example.net"}).text
    assert '<link rel="canonical" href="http://lab.example.net/arxiv/2603.00001">' in page


def test_browsers_find_the_icon(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer.headers["Content-Type"] == "image/x-icon"
    assert answer.content.startswith(b"\x00\x00\x01\x00")
