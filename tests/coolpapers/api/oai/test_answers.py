from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from coolpapers.api.oai import answers
from coolpapers.api.oai.answers import Site, answer, document, error_element, request_element
from coolpapers.api.oai.errors import OaiError
from coolpapers.papers.models import MirroredRecord
from tests.coolpapers.api.oai.schemas import OAI, checked, texts
from tests.coolpapers.papers.library import make_paper, make_venue_paper

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
SITE = Site("https://papers.example.org", "https://papers.example.org/oai")


def test_an_error_can_quote_any_text() -> None:
    error = error_element(OaiError("badArgument", "there is no \x00\x1b & <set>"))
    root = checked(document([error], request=request_element(SITE, {}), now=NOW))
    assert texts(root, "error") == ["there is no  & <set>"]


@pytest.mark.django_db
def test_a_mirrored_record_says_who_had_it_first() -> None:
    paper = make_paper()
    stamp = datetime(2026, 3, 1, 8, tzinfo=UTC)
    MirroredRecord.objects.create(
        key=paper.key, origin="other.example.net", origin_url="https://other.example.net/oai", stamp=stamp, via="x"
    )
    element = answer({"verb": "ListRecords", "metadataPrefix": "oai_dc"}, site=SITE, now=NOW)
    described = next(element.iter("{http://www.openarchives.org/OAI/2.0/provenance}originDescription"))
    assert [child.text for child in described][:3] == [
        "https://other.example.net/oai",
        f"oai:other.example.net:{paper.key}",
        "2026-03-01T08:00:00Z",
    ]


@pytest.mark.django_db
def test_long_lists_of_sets_have_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "SETS_A_PAGE", 2)
    make_paper(categories=["cs.AI", "cs.CL"])
    make_venue_paper("a1b2c3d4")
    specs: list[str] = []
    arguments: dict[str, Any] = {"verb": "ListSets"}
    while True:
        element = answer(arguments, site=SITE, now=NOW)
        specs += texts(element, "setSpec")
        token = next(element.iter(f"{OAI}resumptionToken"))
        if not token.text:
            break
        arguments = {"verb": "ListSets", "resumptionToken": token.text}
    assert specs == ["category:cs.AI", "category:cs.CL", "venue:ICLR", "venue:ICLR:2025"]


@pytest.mark.django_db
def test_an_address_of_mail_without_domain_gets_one(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Library <library@localhost>"
    settings.SITE_URL = "https://papers.example.org"
    identify = answer({"verb": "Identify"}, site=SITE, now=NOW)
    assert texts(identify, "adminEmail") == ["admin@papers.example.org"]
    checked(etree.tostring(etree.fromstring(document([identify], request=request_element(SITE, {}), now=NOW))))
