from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from lxml import etree

from coolpapers.api.oai.formats.work import write_work
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.importing.stored_records import load_records, load_versions
from coolpapers.papers.models import MirroredRecord, Paper
from coolpapers.papers.records.record import Version, content_of, digest
from coolpapers.papers.sources.site_records import Origin, read_work
from tests.coolpapers.papers.make import record


@pytest.mark.django_db
def test_each_record_of_a_work_comes_back_as_it_is_stored() -> None:
    authors = ["Ada Example", "Bo Sample"]
    arxiv = record(
        key="arxiv:2603.00001",
        title="Testing $x<y$ with tests",
        authors=authors,
        abstract="First.\n\nSecond & last.",
        submitted="2026-03-01",
        n_citations=0,
        versions=[Version(1, date(2026, 3, 1)), Version(2, None, "note")],
    )
    acl = record(key="acl:2026.acl-long.1", title="Testing $x<y$ with tests", authors=authors, venue="ACL 2026")
    upsert_records([arxiv, acl])
    papers = {paper.pk: paper for paper in Paper.objects.select_related("venue")}
    assert len(papers) == 1
    stored = load_records(papers, load_versions(papers))
    stamp = datetime(2026, 3, 2, tzinfo=UTC)
    origin = MirroredRecord(key=acl.key, origin="other.example.net", origin_url="https://x/oai", stamp=stamp)
    work = write_work(arxiv.key, stored.values(), origins={acl.key: origin}, schema="https://x/y.xsd")
    back = list(read_work(etree.fromstring(etree.tostring(work)), name="test"))
    assert [found.origin for found in back] == [None, Origin("other.example.net", "https://x/oai", stamp)]
    for found in back:
        row = stored[found.item.key]  # type: ignore[union-attr]
        assert digest(content_of(found.item), found.item.versions) == digest(row.content, row.versions)  # type: ignore[arg-type,union-attr]
