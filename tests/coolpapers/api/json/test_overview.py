from __future__ import annotations

import pytest
from django.test import Client
from lxml import html

from coolpapers.api.json.overview import list_operations
from tests.xpath import elements, strings

pytestmark = pytest.mark.django_db


def test_the_page_lists_every_address_and_parameter(client: Client) -> None:
    response = client.get("/api/v1/")
    assert response.status_code == 200
    page = html.fromstring(response.content)
    described = client.get("/api/v1/openapi.json").json()["paths"]
    headings = [heading.text_content() for heading in elements(page, "//main//h2")]
    assert headings == [f"{method.upper()} {path}" for path, methods in described.items() for method in methods]
    names = {cell.text_content() for cell in elements(page, "//main//th[@scope='row']")}
    wanted = {
        one["name"] for methods in described.values() for row in methods.values() for one in row.get("parameters", ())
    }
    assert names == wanted


def test_the_page_loads_nothing_from_other_sites(client: Client) -> None:
    page = html.fromstring(client.get("/api/v1/").content)
    addresses = strings(page, "//script/@src | //link/@href | //img/@src")
    assert addresses
    assert all(address.startswith("/") for address in addresses)
    assert not page.xpath("//script[not(@src)] | //style | //@style")


def test_parameter_types_are_described_in_words() -> None:
    (search,) = [one for one in list_operations() if one.path == "/api/v1/search"]
    kinds = {one.name: (one.kind, one.default) for one in search.parameters}
    assert kinds["limit"] == ("integer 1–200", "25")
    assert kinds["strict"] == ("true | false", "true")
    assert kinds["mode"] == ("bm25 | dense | hybrid | rerank", "")
    assert kinds["category"] == ("text, several", "")
    assert kinds["from"] == ("day", "")
