from __future__ import annotations

import sys
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch

from coolpapers.api.oai import selection
from coolpapers.papers.models import Paper, PublishedRevision
from tests.coolpapers.api.oai.schemas import DC, OAI, ask, error_code, texts
from tests.coolpapers.papers.library import make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def repository(settings: Any) -> None:
    settings.SITE_URL = "https://papers.example.org"
    settings.API_RATE = 0


@pytest.fixture
def papers() -> list[Paper]:
    return [
        make_paper(arxiv_id="2603.00001", title="Sets & <tags>", categories=["cs.LG", "math.OC"], comment="9 pages"),
        make_paper(arxiv_id="2603.00002", doi="10.1000/abc"),
        make_venue_paper("abcDEF123", title="Pruning trees", kind="conference"),
    ]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection.select_page, "__kwdefaults__", {"size": 2})


def test_identify_says_what_harvesters_need(client: Client, papers: list[Paper]) -> None:
    root = ask(client, verb="Identify")
    assert texts(root, "baseURL") == ["http://testserver/oai"]
    assert texts(root, "deletedRecord") == ["persistent"]
    assert texts(root, "granularity") == ["YYYY-MM-DDThh:mm:ssZ"]


def test_records_of_each_format_are_valid(client: Client, papers: list[Paper]) -> None:
    for prefix, n_records in (("oai_dc", 3), ("arXiv", 2), ("coolpapers", 3)):
        root = ask(client, verb="ListRecords", metadataPrefix=prefix)
        assert len(texts(root, "datestamp")) == n_records
    root = ask(client, verb="GetRecord", metadataPrefix="oai_dc", identifier="oai:papers.example.org:arxiv:2603.00001")
    assert [element.text for element in root.iter(f"{DC}title")] == ["Sets & <tags>"]
    assert [element.text for element in root.iter(f"{DC}creator")] == ["Lovelace, Ada", "Turing, Alan"]
    assert texts(root, "setSpec") == ["category:cs.LG", "category:math.OC"]


def test_it_lists_sets_and_their_papers(client: Client, papers: list[Paper]) -> None:
    specs = texts(ask(client, verb="ListSets"), "setSpec")
    assert specs == ["category:cs.CL", "category:cs.LG", "category:math.OC", "venue:ICLR", "venue:ICLR:2025"]
    listed = {
        spec: texts(ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", set=spec), "identifier")
        for spec in specs
    }
    assert listed["category:math.OC"] == ["oai:papers.example.org:arxiv:2603.00001"]
    assert listed["venue:ICLR"] == listed["venue:ICLR:2025"] == ["oai:papers.example.org:iclr2025:abcDEF123"]


@pytest.mark.usefixtures("small_pages")
def test_a_list_goes_on_while_the_library_changes(client: Client) -> None:
    for number in range(1, 6):
        make_paper(arxiv_id=f"2603.0000{number}")
    root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc")
    seen = texts(root, "identifier")
    token = next(root.iter(f"{OAI}resumptionToken"))
    assert (token.get("completeListSize"), token.get("cursor")) == ("5", "0")
    Paper.objects.get(arxiv_id="2603.00001").save()  # seen: comes again
    Paper.objects.get(arxiv_id="2603.00003").save()  # not seen: moves
    Paper.objects.get(arxiv_id="2603.00004").delete()
    while token.text:
        root = ask(client, verb="ListIdentifiers", resumptionToken=token.text)
        seen += texts(root, "identifier")
        token = next(root.iter(f"{OAI}resumptionToken"))
    assert {name[-1] for name in seen} == {"1", "2", "3", "4", "5"}
    assert len(seen) <= 6
    assert [header.get("status") for header in root.iter(f"{OAI}header")][-1] == "deleted"


def test_dates_bound_a_list_by_when_changes_could_be_seen(client: Client, papers: list[Paper]) -> None:
    ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc")
    hour = timedelta(hours=1)
    PublishedRevision.objects.update(published_at=timezone.now().replace(microsecond=0) - 2 * hour)
    papers[1].save()
    since = (timezone.now() - hour).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = texts(ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", from_=since), "identifier")
    earlier = texts(ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", until=since), "identifier")
    assert later == ["oai:papers.example.org:arxiv:2603.00002"]
    assert len(earlier) == 2


def test_a_deleted_paper_stays_known(client: Client, papers: list[Paper]) -> None:
    papers[0].delete()
    name = "oai:papers.example.org:arxiv:2603.00001"
    root = ask(client, verb="GetRecord", metadataPrefix="arXiv", identifier=name)
    assert [header.get("status") for header in root.iter(f"{OAI}header")] == ["deleted"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=Nonsense", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=x", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-05-01&until=2024-05-01T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-05-02&until=2024-05-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=venue:Nowhere", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=1999-01-01", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=nonsense", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=nonsense", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=x&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:papers.example.org:arxiv:9999.9", "idDoesNotExist"),
        (
            "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:elsewhere.example.org:arxiv:2603.00001",
            "idDoesNotExist",
        ),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%00%ff", "idDoesNotExist"),
        (
            "verb=GetRecord&metadataPrefix=arXiv&identifier=oai:papers.example.org:iclr2025:abcDEF123",
            "cannotDisseminateFormat",
        ),
        ("verb=ListMetadataFormats&identifier=oai:papers.example.org:none", "idDoesNotExist"),
    ],
)
def test_errors_of_the_protocol(client: Client, papers: list[Paper], query: str, code: str) -> None:
    response = client.get(f"/oai?{query}")
    assert response.status_code == 200
    root = etree.fromstring(response.content)
    assert error_code(root) == code
    has_arguments = bool(next(root.iter(f"{OAI}request")).attrib)
    assert has_arguments == (code not in {"badVerb", "badArgument"})


def test_an_empty_library_has_no_sets(client: Client) -> None:
    assert error_code(ask(client, verb="ListSets")) == "noSetHierarchy"


def test_post_is_answered_as_get(client: Client, papers: list[Paper]) -> None:
    arguments = {"verb": "ListIdentifiers", "metadataPrefix": "arXiv"}
    posted, got = client.post("/oai", arguments), client.get("/oai", arguments)
    assert texts(etree.fromstring(posted.content), "identifier") == texts(etree.fromstring(got.content), "identifier")


def test_a_harvester_that_asks_too_often_waits(client: Client, settings: Any, papers: list[Paper]) -> None:
    settings.API_RATE = 1
    client.get("/oai", {"verb": "Identify"})
    response = client.get("/oai", {"verb": "Identify"})
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0


def test_the_schema_of_our_format_is_served(client: Client) -> None:
    response = client.get("/oai/coolpapers.xsd")
    etree.XMLSchema(etree.fromstring(response.content))


def _pkg_resources() -> ModuleType:
    """What pyoai asks for its own version."""
    module = ModuleType("pkg_resources")
    module.Requirement = SimpleNamespace(parse=str)  # type: ignore[attr-defined]
    module.working_set = SimpleNamespace(find=lambda _: None)  # type: ignore[attr-defined]
    return module


class _OldEvaluator:
    """lxml's evaluator with the method that older versions had."""

    def __init__(self, element: etree._Element, namespaces: dict[str, str]) -> None:
        self.evaluate = etree.XPathEvaluator(element, namespaces=namespaces)


@pytest.mark.usefixtures("small_pages", "papers")
class TestHarvesters:
    """Foreign harvesters read the repository through a real socket."""

    @pytest.fixture(autouse=True)
    def deleted(self, transactional_db: None) -> None:
        make_paper(arxiv_id="2603.00009").delete()

    def test_sickle(self, server_url: str) -> None:
        sickle = Sickle(f"{server_url}/oai")
        assert sickle.Identify().granularity == "YYYY-MM-DDThh:mm:ssZ"
        assert {form.metadataPrefix for form in sickle.ListMetadataFormats()} == {"oai_dc", "arXiv", "coolpapers"}
        assert len(list(sickle.ListSets())) == 5
        records = list(sickle.ListRecords(metadataPrefix="oai_dc"))
        assert sorted(record.header.deleted for record in records) == [False, False, False, True]
        assert ["Sets & <tags>"] in [record.metadata["title"] for record in records if not record.header.deleted]
        assert len(list(sickle.ListRecords(metadataPrefix="oai_dc", ignore_deleted=True, set="category:cs.CL"))) == 1
        one = sickle.GetRecord(metadataPrefix="arXiv", identifier="oai:papers.example.org:arxiv:2603.00002")
        assert one.metadata["doi"] == ["10.1000/abc"]
        with pytest.raises(NoRecordsMatch):
            sickle.ListRecords(metadataPrefix="oai_dc", until="1999-01-01")

    def test_pyoai(self, server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        # pyoai 2.5.0 is of 2017: setuptools has dropped a module that it imports, and lxml a method that it calls.
        monkeypatch.setitem(sys.modules, "pkg_resources", _pkg_resources())
        for name in ("oaipmh.client", "oaipmh.metadata"):
            monkeypatch.setattr(f"{name}.etree", SimpleNamespace(XML=etree.XML, XPathEvaluator=_OldEvaluator))
        from oaipmh.client import Client as PyoaiClient
        from oaipmh.metadata import MetadataRegistry, oai_dc_reader

        registry = MetadataRegistry()
        registry.registerReader("oai_dc", oai_dc_reader)
        harvester = PyoaiClient(f"{server_url}/oai", registry)
        harvester.updateGranularity()
        assert harvester.identify().deletedRecord() == "persistent"
        records = list(harvester.listRecords(metadataPrefix="oai_dc"))
        assert sorted(header.isDeleted() for header, _, _ in records) == [False, False, False, True]
        assert ["Pruning trees"] in [metadata.getField("title") for _, metadata, _ in records if metadata is not None]
        assert next(spec for spec, _, _ in harvester.listSets()) == "category:cs.CL"
        headers = list(harvester.listIdentifiers(metadataPrefix="arXiv"))
        assert len(headers) == 3
