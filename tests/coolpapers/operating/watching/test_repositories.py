"""Harvested repositories are asked again for a day, and audited day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from coolpapers.operating.models import AuditedDay
from coolpapers.operating.watching.repositories import (
    Repository,
    audit_days,
    harvest_again,
    harvested_repositories,
    polite_client,
)
from coolpapers.papers.harvesting.harvest import HarvestRequest
from coolpapers.papers.models import ImportRun, Paper
from tests.coolpapers.papers.harvesting.oai_server import (
    Answer,
    error_xml,
    header_xml,
    headers_xml,
    page_xml,
    record_xml,
    serving,
)
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 6, 1, tzinfo=UTC)
DAY = date(2024, 5, 28)


def test_repositories_are_known_from_their_harvests() -> None:
    requests = [
        HarvestRequest(set_spec="cs"),
        HarvestRequest(set_spec="cs", from_date="2024-05-01", until_date="2024-05-02"),
        HarvestRequest(base_url="http://127.0.0.1:9/oai", metadata_prefix="oai_dc"),
    ]
    for request in requests:
        ImportRun.objects.create(source="oai", location=request.location)
    ImportRun.objects.create(source="jsonl", location="/data/papers#1/a/b/c.jsonl")
    ImportRun.objects.create(source="oai", location="nonsense")
    assert harvested_repositories() == [
        Repository("http://127.0.0.1:9/oai", "oai_dc", ""),
        Repository("https://oaipmh.arxiv.org/oai", "arXiv", "cs"),
    ]


def test_a_day_is_harvested_again_with_the_next_one() -> None:
    with serving(Answer(page_xml([record_xml("2405.00001")]))) as server, polite_client() as client:
        repository = Repository(server.url, "arXiv", "cs")
        for n_added in (1, 0):
            report = harvest_again(repository, DAY, client=client, now=NOW)
            assert report.added == n_added
    wanted = {
        "verb": "ListRecords",
        "metadataPrefix": "arXiv",
        "set": "cs",
        "from": "2024-05-28",
        "until": "2024-05-29",
    }
    assert server.asked == [wanted, wanted]
    assert Paper.objects.count() == 1


def test_an_audit_counts_each_day_and_names_what_is_missing() -> None:
    make_paper(arxiv_id="2405.00001")
    headers = [
        header_xml("2405.00001", sets=("cs:cs:CL", "cs:cs:LG")),
        header_xml("2405.00002", sets=("cs:cs:CL", "cs:cs:LG")),
        header_xml("2405.00003", datestamp="2024-05-30"),
        header_xml("2405.00004", deleted=True),
    ]
    with serving(Answer(headers_xml(headers))) as server, polite_client() as client:
        repository = Repository(server.url, "arXiv", "cs")
        for _ in range(2):  # a later audit replaces the rows
            audit_days(repository, DAY, date(2024, 5, 30), client=client, now=NOW)
    rows = AuditedDay.objects.order_by("day").values_list("day", "n_listed", "n_missing", "missing")
    assert list(rows) == [
        (DAY, 2, 1, ["arxiv:2405.00002"]),
        (date(2024, 5, 29), 0, 0, []),
        (date(2024, 5, 30), 1, 1, ["arxiv:2405.00003"]),
    ]


def test_days_without_records_are_audited_too() -> None:
    with serving(Answer(error_xml("noRecordsMatch", "none"))) as server, polite_client() as client:
        rows = audit_days(Repository(server.url, "arXiv", ""), DAY, DAY, client=client, now=NOW)
    assert [(row.n_listed, row.n_missing) for row in rows] == [(0, 0)]
