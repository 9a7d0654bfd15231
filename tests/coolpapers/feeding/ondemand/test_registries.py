from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from coolpapers.feeding.errors import NotOnDemand
from coolpapers.feeding.ondemand import registries
from coolpapers.feeding.ondemand.registries import can_fetch, fetch_paper
from coolpapers.papers.errors import SourceMissing, SourceUnavailable
from coolpapers.papers.harvesting.fetching import PoliteClient, Timing
from coolpapers.papers.records.record import Record
from search.vocabulary.identifier_forms import Identifier
from search.vocabulary.identifiers import parse_identifier
from tests.coolpapers.feeding.kinds.test_openreview import note
from tests.local_servers import Exchange, serve

CSL = {
    "type": "article-journal",
    "DOI": "10.1000/XYZ",
    "title": "A paper with a DOI",
    "author": [{"given": "Ada", "family": "Example"}],
    "issued": {"date-parts": [[2025, 3]]},
    "container-title": "Journal of Examples",
}
BIB = """@inproceedings{example-2020-paper, title = "A Paper of the Anthology", author = "Example, Ada", year = "2020",
    url = "https://aclanthology.org/2020.acl-main.1", booktitle = "Proceedings of the 58th Annual Meeting"}"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/2603.00001v2</id>
<title>A paper of arXiv</title><summary>It has an abstract.</summary><author><name>Ada Example</name></author>
<published>2026-03-01T00:00:00Z</published><updated>2026-03-02T00:00:00Z</updated></entry></feed>"""


def registry(exchange: Exchange) -> None:
    """doi.org, the Anthology, OpenReview and arXiv in one."""
    path, query = urlsplit(exchange.path).path, parse_qs(urlsplit(exchange.path).query)
    if path == "/10.1000/xyz" and "csl+json" in exchange.headers["Accept"]:
        exchange.answer(200, json.dumps(CSL).encode())
    elif path == "/2020.acl-main.1.bib":
        exchange.answer(200, BIB.encode())
    elif path == "/notes" and query["id"] == ["abcdefgh07"]:
        exchange.answer(200, json.dumps({"notes": [note(7)], "count": 1}).encode())
    elif path == "/api/query" and query["id_list"] == ["2603.00001"]:
        exchange.answer(200, ATOM.encode())
    elif path == "/10.1000/page":
        exchange.answer(200, b"<html>A page</html>")
    else:
        exchange.answer(404)


def point_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all registries on one server."""
    here = {"arxiv": f"{url}/api/query", "doi": url, "acl": url, "openreview": f"{url}/notes"}
    monkeypatch.setattr(registries, "ADDRESSES", here)


def client() -> PoliteClient:
    timing = Timing(clock=time.monotonic, sleep=lambda _: None, now=lambda: datetime.now(UTC))
    return PoliteClient(timing=timing, interval_s=0.0, n_tries=1)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("https://doi.org/10.1000/XYZ", "A paper with a DOI"),
        ("2020.acl-main.1", "A Paper of the Anthology"),
        ("openreview:abcdefgh07", "Paper 7 at a conference"),
        ("arXiv:2603.00001v2", "A paper of arXiv"),
    ],
)
def test_each_registry_gives_the_paper_of_its_identifier(
    text: str, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = parse_identifier(text)
    assert identifier is not None
    with serve(registry) as server, client() as asking:
        point_to(server.url, monkeypatch)
        (record,) = fetch_paper(identifier, client=asking)
    assert isinstance(record, Record)
    assert record.title == title
    assert (record.source, record.ident) == (identifier.source, identifier.value)


@pytest.mark.parametrize(
    ("identifier", "error"),
    [
        (Identifier("doi", "10.1000/none"), SourceMissing),
        (Identifier("acl", "P19-9999"), SourceMissing),
        (Identifier("doi", "10.1000/page"), SourceUnavailable),
        (Identifier("pmlr", "v1/x"), NotOnDemand),
    ],
)
def test_what_it_does_not_have_is_an_error(
    identifier: Identifier, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(registry) as server, client() as asking:
        point_to(server.url, monkeypatch)
        with pytest.raises(error):
            fetch_paper(identifier, client=asking)


def test_only_registries_with_single_records_are_asked() -> None:
    assert can_fetch(Identifier("doi", "10.1000/x"))
    assert not can_fetch(Identifier("pmlr", "v1/x"))
