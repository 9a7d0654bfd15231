from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coolpapers.papers.records.record import Record
from coolpapers.papers.sources.conference_json import ConferenceJsonSource
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = ConferenceJsonSource()
FILES = DATA / "conference_json"


def only(name: str = "list.json", **fields: Any) -> Record:
    (record,) = records_of(read_bytes(SOURCE, json.dumps([{"title": "A title", **fields}]).encode(), name=name))
    return record


def test_it_reads_a_list_of_a_conference() -> None:
    oral, withdrawn, data_set = records_of(read_file(SOURCE, FILES / "iclr2025.json"))
    assert (oral.key, oral.source, oral.ident) == ("openreview:Ab3dEf9hIj", "openreview", "Ab3dEf9hIj")
    assert oral.authors == ("Ada Example", "Bo Walker")
    assert oral.keywords == ("memory", "forgetting")
    assert (oral.venue_slug, oral.venue_year, oral.track, oral.year) == ("ICLR", 2025, "Oral", 2025)
    assert (oral.tldr, oral.n_citations) == ("", None)
    assert oral.code_url == "https://github.com/example/forget"
    assert oral.pdf_url == "https://openreview.net/pdf?id=Ab3dEf9hIj"
    assert withdrawn.title == 'Braces { in " strings }'
    assert (withdrawn.withdrawn, withdrawn.n_citations, withdrawn.keywords) == (True, 12, ())
    assert (data_set.key, data_set.source, data_set.track) == ("iclr2025:77", "file", "Poster Datasets & Benchmarks")


def test_a_broken_object_is_refused_between_its_neighbours() -> None:
    (message,) = refusals_of(read_file(SOURCE, FILES / "iclr2025.json"))
    assert message.startswith("iclr2025.json, line 4: not JSON: Expecting value")


def test_it_reads_notes_of_openreview() -> None:
    (note,) = records_of(read_file(SOURCE, FILES / "notes.json"))
    assert (note.key, note.title, note.abstract, note.tldr) == (
        "openreview:Zz8yXx7wVv",
        "A note of OpenReview",
        "Noted.",
        "Short.",
    )
    assert (note.venue_slug, note.venue_year, note.year) == ("ICLR", 2025, 2025)
    assert note.page_url == "https://openreview.net/forum?id=Zz8yXx7wVv"
    assert note.pdf_url == "https://openreview.net/pdf/0123.pdf"


def test_conference_and_year_come_from_fields_before_the_file_s_name() -> None:
    assert only(name="icml2020.json", id="1", conference="nips", year=2019).venue_slug == "NeurIPS"
    assert only(name="icml2020.json", id="1").key == "icml2020:1"
    assert only(name="list.json", id="mine").key == "mine"


def test_an_address_stands_for_a_missing_id() -> None:
    record = only(site="https://proceedings.mlr.press/v206/sun23e.html")
    assert (record.key, record.source, record.ident) == ("pmlr:v206/sun23e", "pmlr", "v206/sun23e")


def test_a_list_s_own_id_is_kept_beside_the_address() -> None:
    record = only(name="cvpr2016.json", id="9", site="https://ieeexplore.ieee.org/document/123/")
    assert (record.key, record.source, record.ident) == ("cvpr2016:9", "ieee", "123")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "list.json, line 1: id: missing; each record needs an id of its own"),
        ({"id": "1", "title": ""}, "list.json, line 1: title: missing or empty"),
    ],
)
def test_a_bad_record_is_refused(fields: dict[str, Any], message: str) -> None:
    data = json.dumps([{"title": "A title", **fields}]).encode()
    assert refusals_of(read_bytes(SOURCE, data, name="list.json")) == [message]


def test_it_recognises_its_files() -> None:
    assert SOURCE.recognises((FILES / "iclr2025.json").read_bytes(), path=Path("any"))
    assert SOURCE.recognises((FILES / "notes.json").read_bytes(), path=Path("any"))
    assert not SOURCE.recognises(b'{"id": "a", "title": "t"}', path=Path("any"))


def note(venue: str, venueid: str = "", **fields: Any) -> Record:
    content = {"title": {"value": "A note"}, "venue": {"value": venue}, "venueid": {"value": venueid}}
    data = {"notes": [{"id": "aaaaaaaa1", "forum": "aaaaaaaa1", **fields, "content": content}]}
    (record,) = records_of(read_bytes(SOURCE, json.dumps(data).encode(), name="iclr1999.json"))
    return record


def test_decisions_of_openreview_are_told_apart() -> None:
    group = "ICLR.cc/2024/Conference"
    accepted, rejected = note("ICLR 2024 poster", group), note("Submitted to ICLR 2024", f"{group}/Rejected_Submission")
    withdrawn = note("ICLR 2024 Conference Withdrawn Submission", f"{group}/Withdrawn_Submission")
    for record in (accepted, rejected, withdrawn):
        assert (record.venue_slug, record.venue_year, record.year) == ("ICLR", 2024, 2024)
    assert [record.track for record in (accepted, rejected, withdrawn)] == ["Poster", "Rejected", "Withdrawn"]
    assert [record.withdrawn for record in (accepted, rejected, withdrawn)] == [False, False, True]


def test_a_workshop_is_not_its_conference_and_a_journal_has_no_year() -> None:
    workshop = note("NeurIPS 2023 Workshop on Foo", "NeurIPS.cc/2023/Workshop/Foo")
    assert (workshop.venue_text, workshop.track) == ("NeurIPS 2023 Workshop on Foo", "Workshop")
    journal = note("Accepted by TMLR", "TMLR", pdate=1_700_000_000_000, cdate=1_690_000_000_000)
    assert (journal.venue_slug, journal.kind, journal.track) == ("TMLR", "journal", "")
    assert (journal.year, str(journal.submitted)) == (2023, "2023-07-22")
    assert note("Accepted by TMLR", "TMLR", cdate="soon").year is None


def test_an_object_that_is_nested_too_deeply_is_refused() -> None:
    data = b'[{"title": "T", "content": ' + b"[" * 200_000 + b"]" * 200_000 + b"}, " + b'{"title": "U", "id": "x:1"}]'
    items = read_bytes(SOURCE, data)
    (refusal,) = refusals_of(items)
    assert refusal.endswith("not JSON: nested too deeply")
    assert [record.title for record in records_of(items)] == ["U"]


def test_a_paper_that_openreview_only_shows_is_a_preprint() -> None:
    record = note("CoRR 2020", "dblp.org/journals/CORR/2020")
    assert (record.kind, record.venue_slug, record.venue_text, record.year) == ("preprint", "", "", 2020)


def test_reviews_in_a_dump_are_passed_over() -> None:
    data = b'{"notes": [{"id": "b", "forum": "a", "replyto": "a", "content": {"title": "Official Review"}}]}'
    assert read_bytes(SOURCE, data) == []


def test_the_decision_of_a_list_is_its_track() -> None:
    assert only(name="iclr2021.json", id="1", decision="Accept (Spotlight)").track == "Spotlight"
    assert only(name="iclr2021.json", id="1", decision="Reject").track == "Rejected"
    assert only(name="iclr2021.json", id="1", decision="Reject", status="Poster").track == "Poster"
