from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pytest

from coolpapers.papers.errors import HarvestError
from coolpapers.papers.harvesting.audit import Entry, Unreadable, audit, list_repository, read_listing
from coolpapers.papers.harvesting.fetching import PoliteClient
from coolpapers.papers.harvesting.harvest import HarvestRequest
from coolpapers.papers.importing.services import upsert_records
from tests.coolpapers.papers.harvesting.oai_server import Answer, Clock, error_xml, header_xml, headers_xml, serving
from tests.coolpapers.papers.make import DATA, jsonl, record, row

pytestmark = pytest.mark.django_db


def listed(data: bytes, name: str = "listing.txt") -> list[Entry | Unreadable]:
    return list(read_listing(Path(name), io.BufferedReader(io.BytesIO(data))))


def test_what_is_missing_is_named_per_day_and_category() -> None:
    upsert_records([record(key="arxiv:2405.00001"), record(key="arxiv:2405.00003")])
    report = audit(
        [
            Entry("arxiv:2405.00001", "2024-05-01", ("cs.CL", "cs.AI")),
            Entry("arxiv:2405.00002", "2024-05-01", ("cs.CL",)),
            Entry("arxiv:2405.00003", "2024-05-02", ("cs.CL",)),
            Entry("arxiv:2405.00004", "2024-05-02", ("cs.CL", "math.NA")),
        ]
    )
    assert (report.n_listed, report.missing) == (4, ["arxiv:2405.00002", "arxiv:2405.00004"])
    told = {name: (found.n_listed, found.n_held, found.missing) for name, found in report.rows.items()}
    assert told == {
        ("2024-05-01", "cs.CL"): (2, 1, ["arxiv:2405.00002"]),
        ("2024-05-01", "cs.AI"): (1, 1, []),
        ("2024-05-02", "cs.CL"): (2, 1, ["arxiv:2405.00004"]),
        ("2024-05-02", "math.NA"): (1, 0, ["arxiv:2405.00004"]),
    }


def test_one_category_is_asked_for_under_any_of_its_names() -> None:
    entries = [Entry("arxiv:2405.00001", "", ("math.NA", "cs.CL")), Entry("arxiv:2405.00002", "", ("cs.CL",))]
    report = audit(entries, categories=["cs.NA"])
    assert (report.n_listed, list(report.rows)) == (1, [("", "math.NA")])


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"key": "mine", "arxiv_id": "2405.00001"}, "arxiv:2405.00001"),
        ({"key": "mine", "doi": "10.1000/X"}, "doi:10.1000/x"),
        ({"key": "list:7", "page_url": "https://aclanthology.org/P19-1001/"}, "acl:P19-1001"),
        ({"key": "acl:P19-1001"}, "doi:10.18653/v1/p19-1001"),
        ({"key": "own name"}, "own name"),
        ({"key": "report-7"}, "oai:other.example.net:report-7"),  # mirrored from a site that lists it so
        ({"key": "oai:zenodo.org:7"}, "oai:zenodo.org:7"),
    ],
)
def test_a_paper_held_under_another_name_is_held(fields: dict[str, Any], key: str) -> None:
    upsert_records([record(**fields)])
    assert audit([Entry(key)]).missing == []


def test_more_entries_than_a_batch_are_compared() -> None:
    upsert_records([record(key=f"own:x{n}") for n in range(2500)])
    report = audit(Entry(f"own:x{n}") for n in range(2501))
    assert (report.n_listed, report.missing) == (2501, ["own:x2500"])


def test_a_file_of_ids_is_a_listing() -> None:
    data = b"2405.00001  # seen\n\narXiv:hep-th/9901001v2\nhttps://aclanthology.org/P19-1001/\n# end\n"
    wanted = [Entry("arxiv:2405.00001"), Entry("arxiv:hep-th/9901001"), Entry("acl:P19-1001")]
    assert listed(data) == wanted
    assert listed(gzip.compress(data), "listing.gz") == wanted


def test_a_line_that_is_no_id_is_named() -> None:
    entries = listed(b"2405.00001\nattention\n2405.00002\n")
    reason = "listing.txt, line 2: 'attention' is not the id of a paper."
    assert entries == [Entry("arxiv:2405.00001"), Unreadable(reason), Entry("arxiv:2405.00002")]
    report = audit(entries)
    assert (report.n_listed, report.unreadable) == (2, [reason])


def test_json_lines_tell_day_and_categories() -> None:
    data = jsonl([row(id="arxiv:2405.00001", date="2024-05-02", categories=["cs.NA"])])
    assert listed(data, "x.jsonl") == [Entry("arxiv:2405.00001", "2024-05-02", ("math.NA",))]
    (unreadable,) = listed(jsonl([row(title="")]), "x.jsonl")
    assert isinstance(unreadable, Unreadable)
    assert "title: missing or empty" in unreadable.reason


def test_saved_answers_of_oai_pmh_are_listings() -> None:
    data = headers_xml(
        [header_xml("2405.00001", sets=("cs:cs:CL", "cs", "physics:hep-th")), header_xml("2405.00002", deleted=True)]
    )
    assert listed(data.encode(), "x.xml") == [Entry("arxiv:2405.00001", "2024-05-28", ("cs.CL", "hep-th"))]
    records = listed((DATA / "arxiv_oai" / "arxiv.xml").read_bytes(), "x.xml")
    assert [entry.key for entry in records if isinstance(entry, Entry)] == [
        "arxiv:2405.90001",
        "arxiv:2405.90003",
        "arxiv:2405.90004",
    ]


def test_a_repository_is_asked_page_by_page() -> None:
    pages = [headers_xml([header_xml("2405.00001")], token="t"), headers_xml([header_xml("2405.00002")], token="")]
    answers = [Answer(pages[0][:200]), Answer(pages[0]), Answer(pages[1])]
    with serving(*answers) as server, PoliteClient(timing=Clock().timing) as client:
        request = HarvestRequest(base_url=server.url, metadata_prefix="oai_dc", set_spec="cs", from_date="2024-05-01")
        found = [entry.key for entry in list_repository(request, client=client)]
    assert found == ["arxiv:2405.00001", "arxiv:2405.00002"]
    assert server.asked[0] == {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "cs", "from": "2024-05-01"}
    assert server.asked[-1] == {"verb": "ListIdentifiers", "resumptionToken": "t"}


def test_an_error_of_the_repository_is_told() -> None:
    with (
        serving(Answer(error_xml("noSetHierarchy", "no sets"))) as server,
        PoliteClient(timing=Clock().timing) as client,
        pytest.raises(HarvestError, match="noSetHierarchy: no sets"),
    ):
        list(list_repository(HarvestRequest(base_url=server.url), client=client))
