"""unAPI as a reference manager uses it: read the page, then the service."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from lxml import etree, html

from coolpapers.api.unapi import UNAPI_FORMATS
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.library import make_paper, make_venue_paper
from tests.xpath import strings

pytestmark = pytest.mark.django_db


def formats_of(content: bytes) -> dict[str, str]:
    root = etree.fromstring(content)
    assert root.tag == "formats"
    return {str(one.attrib["name"]): str(one.attrib["type"]) for one in root.findall("format")}


def test_all_formats_are_listed(client: Client) -> None:
    response = client.get("/unapi")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/xml")
    formats = formats_of(response.content)
    assert set(formats) == set(UNAPI_FORMATS)
    assert formats["bibtex"] == "application/x-bibtex"
    assert etree.fromstring(response.content).get("id") is None


def test_the_formats_of_a_paper_are_listed_with_status_300(client: Client) -> None:
    paper = make_paper()
    response = client.get("/unapi", {"id": paper.key})
    assert response.status_code == 300
    assert etree.fromstring(response.content).get("id") == paper.key
    assert set(formats_of(response.content)) == set(UNAPI_FORMATS)


@pytest.mark.parametrize("name", UNAPI_FORMATS)
def test_a_paper_in_every_format(client: Client, name: str) -> None:
    paper = make_paper(title="Of <graphs> & trees")
    response = client.get("/unapi", {"id": paper.key, "format": name})
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith(UNAPI_FORMATS[name].media_type)
    text = response.content.decode()
    assert paper.arxiv_id in text
    if name == "csl-json":
        assert json.loads(text)[0]["title"] == "Of <graphs> & trees"


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"format": "ris"}, 400),
        ({"id": "arxiv:2603.99999"}, 404),
        ({"id": "x" * 10_000, "format": "ris"}, 404),
        ({"id": "nothing\0", "format": "ris"}, 404),
        ({"id": "arxiv:2603.00001", "format": "word"}, 406),
    ],
)
def test_errors_have_the_status_of_the_specification(client: Client, parameters: dict[str, str], status: int) -> None:
    make_paper(arxiv_id="2603.00001")
    assert client.get("/unapi", parameters).status_code == status
    assert client.post("/unapi", parameters).status_code == 405


def test_every_card_of_a_page_leads_to_its_paper(client: Client) -> None:
    """As Zotero does it: the address of the service, the titles of the marks, both put together as they stand."""
    make_paper(arxiv_id="2603.00001")
    make_paper(arxiv_id="hep-th/9901001")
    make_venue_paper("x", announced=None)
    odd = make_venue_paper("odd", year=2024)
    Paper.objects.filter(pk=odd.pk).update(key='file:my "paper" #2 & more=50%.pdf')
    for address in ("/arxiv/all", "/venue/ICLR.2025", "/venue/ICLR.2024"):
        page = html.fromstring(client.get(address).content)
        (service,) = strings(page, "//link[@rel='unapi-server']/@href")
        assert page.xpath("//link[@rel='unapi-server']/@type") == ["application/xml"]
        marks = strings(page, "//abbr[@class='unapi-id']/@title")
        keys = strings(page, "//li[contains(@class, 'card')]/@data-key")
        assert len(marks) == len(keys) > 0
        for mark, key in zip(marks, keys, strict=True):
            assert not re.search(r"[\s#&?%]", mark) or "%" in mark
            for sent in (mark, quote(mark, safe="")):  # as the page has it, and encoded once more
                response = client.get(f"{service}?id={sent}&format=ris")
                assert response.status_code == 200, (key, sent)
                assert response.content.startswith(b"TY  - ")


@pytest.mark.parametrize("address", ["/arxiv/2603.00001", "/cite/2603.00001"])
def test_the_pages_of_one_paper_name_it_too(client: Client, address: str) -> None:
    make_paper(arxiv_id="2603.00001")
    page = html.fromstring(client.get(address).content)
    assert strings(page, "//abbr[@class='unapi-id']/@title") == ["arxiv:2603.00001"]


def test_zotero_is_offered_its_own_format_first(client: Client) -> None:
    make_paper(arxiv_id="2603.00001")
    offered = etree.fromstring(client.get("/unapi", {"id": "arxiv:2603.00001"}).content)
    assert offered[0].get("name") == "rdf_zotero"
    answer = client.get("/unapi", {"id": "arxiv:2603.00001", "format": "rdf_zotero"})
    assert answer["Content-Type"].startswith("application/rdf+xml")
    assert b"<z:itemType>preprint</z:itemType>" in answer.content


def test_too_many_requests_get_a_retry_after(client: Client, settings: Any) -> None:
    settings.FEED_RATE = 2
    answers = [client.get("/unapi") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0
