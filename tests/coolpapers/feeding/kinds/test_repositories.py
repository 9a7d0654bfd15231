from __future__ import annotations

import pytest

from coolpapers.papers.models import Paper
from tests.coolpapers.feeding.runs import make_source, run
from tests.coolpapers.papers.harvesting.oai_server import Answer, page_xml, record_xml, serving

pytestmark = pytest.mark.django_db


def test_arxiv_begins_a_week_ago_and_goes_on_from_the_last_harvest() -> None:
    with serving(Answer(page_xml([record_xml("2603.00001")])), Answer(page_xml([record_xml("2603.00002")]))) as server:
        source = make_source("arxiv", address=server.url, selection="cs")
        assert run(source).is_complete
        source.refresh_from_db()
        assert (source.n_added, source.error) == (1, "")
        run(source)
        assert [asked["from"] for asked in server.asked] == ["2026-02-26", "2024-06-01"]  # the server's own date
    assert Paper.objects.count() == 2


def test_each_set_is_harvested() -> None:
    with serving(Answer(page_xml([record_xml("2603.00001")]))) as server:
        run(make_source("arxiv", address=server.url, selection="cs math stat"))
        assert [asked["set"] for asked in server.asked] == ["cs", "math", "stat"]


def test_a_run_that_has_no_more_time_goes_on_with_the_next_page() -> None:
    first = Answer(page_xml([record_xml("2603.00001")], token="t"))
    with serving(first, Answer(page_xml([record_xml("2603.00002")]))) as server:
        source = make_source("arxiv", address=server.url, selection="cs")
        outcome = run(source, run_s=0.0)
        assert (outcome.is_complete, outcome.error) == (False, "")
        source.refresh_from_db()
        assert source.finished_at is None
        assert run(source).is_complete
        assert server.asked[-1] == {"verb": "ListRecords", "resumptionToken": "t"}


@pytest.mark.parametrize(("kind", "prefix"), [("oai", "oai_dc"), ("site", "coolpapers")])
def test_other_repositories_are_asked_for_everything(kind: str, prefix: str) -> None:
    with serving(Answer(page_xml([record_xml("2603.00001")]))) as server:
        run(make_source(kind, address=server.url))
        assert server.asked == [{"verb": "ListRecords", "metadataPrefix": prefix}]
