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
