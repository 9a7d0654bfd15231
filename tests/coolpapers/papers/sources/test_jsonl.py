from __future__ import annotations

import codecs
import io
import json
from pathlib import Path
from typing import Any

import pytest

from coolpapers.papers.records.record import Dropped
from coolpapers.papers.sources import jsonl as module
from coolpapers.papers.sources.jsonl import JsonLinesSource, numbered_lines
from coolpapers.papers.sources.registry import recognise
from tests.coolpapers.papers.make import DATA, jsonl, read_bytes, read_file, records_of, refusals_of, row

SOURCE = JsonLinesSource()


def test_it_reads_our_form() -> None:
    items = read_file(SOURCE, DATA / "jsonl" / "papers.jsonl")
    soliton, vowels, walking, withdrawn = records_of(items)
    assert len(items) == 4
    assert (soliton.key, soliton.ident) == ("arxiv:2401.00017", "2401.00017")
    assert soliton.title == "Solitons of the Schrödinger equation on $S^2$"
    assert soliton.authors == ("Jörg Müller", "Erdős, Pál")
    assert soliton.categories == ("math.NA", "math-ph")
    assert [(version.number, str(version.date)) for version in soliton.versions] == [
        (1, "2024-01-01"),
        (2, "2024-02-01"),
    ]
    assert (soliton.venue_slug, soliton.line) == ("", 1)
    assert (vowels.venue_slug, vowels.venue_year, vowels.track) == ("ACL", 2023, "Long")
    assert (vowels.doi, vowels.n_citations) == ("10.18653/v1/2023.acl-long.9001", 3)
    assert walking.authors == ("Bo Walker", "Cy Slip")
    assert walking.abstract == "Robots recognize ice."
    assert (walking.source, walking.ident, walking.track) == ("ieee", "990001", "Poster")
    assert (withdrawn.source, withdrawn.ident) == ("openreview", "Xy7zQw9AbC")
    assert (withdrawn.withdrawn, withdrawn.abstract, withdrawn.tldr) == (True, "", "It did not work.")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "a", "title": ', "f, line 2: not JSON: unexpected end of data at column 21"),
        (b'["a"]', "f, line 2: an object in braces is wanted, found another JSON value"),
        (
            b'{"id": "a", "title": "caf\xe9"}',
            "f, line 2: not UTF-8 at byte 26 of the line (found 0xe9); save the file as UTF-8",
        ),
        (b'{"title": "no id"}', "f, line 2: id: missing; each record needs an id of its own"),
        (b'{"id": "a"}', "f, line 2: title: missing or empty"),
        (b'{"id": ["a"], "title": "t"}', "f, line 2: id: text is wanted, found a list"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_its_neighbours_stay(line: bytes, message: str) -> None:
    data = jsonl([row(id="before")]) + line + b"\n" + jsonl([row(id="after")])
    items = read_bytes(SOURCE, data, name="f")
    assert refusals_of(items) == [message]
    assert [record.key for record in records_of(items)] == ["before", "after"]


@pytest.mark.parametrize(
    ("fields", "dropped"),
    [
        ({"year": 20245}, Dropped("year", "20245 is not between 1600 and 2100")),
        ({"versions": 3}, Dropped("versions", "a list of objects is wanted")),
        ({"versions": [{"number": 1}, {"number": 0}]}, Dropped("versions", "number 0 is not between 1 and 999")),
    ],
)
def test_a_bad_side_field_is_dropped(fields: dict[str, Any], dropped: Dropped) -> None:
    (record,) = records_of(read_bytes(SOURCE, jsonl([row(**fields)])))
    assert record.dropped == (dropped,)
    assert (record.year, record.versions) == (None, ())


def test_an_id_is_made_of_other_names_of_the_paper() -> None:
    rows = [
        row(id=None, arxiv_id="2401.00001"),
        row(id="", doi="10.1000/X"),
        row(id=None, url="https://aclanthology.org/P19-1001/"),
    ]
    keys = [record.key for record in records_of(read_bytes(SOURCE, jsonl(rows)))]
    assert keys == ["arxiv:2401.00001", "doi:10.1000/x", "acl:P19-1001"]


def test_an_abstract_of_ten_megabytes_is_a_record_and_a_longer_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "word " * (2 * 2**20)
    (record,) = records_of(read_bytes(SOURCE, jsonl([row(abstract=long)])))
    assert len(record.abstract) == 99_999
    monkeypatch.setattr(module, "_MAX_LINE", 1000)
    items = read_bytes(SOURCE, jsonl([row(id="a"), row(id="b", abstract="x" * 3000), row(id="c")]), name="f")
    assert [record.key for record in records_of(items)] == ["a", "c"]
    assert refusals_of(items) == [f"f, line 2: {module.TOO_LONG}"]


def test_blank_lines_and_a_missing_last_line_break_are_fine() -> None:
    data = b"\n" + jsonl([row(id="a")]) + b"  \n" + json.dumps(row(id="b")).encode()
    assert [(record.key, record.line) for record in records_of(read_bytes(SOURCE, data))] == [("a", 2), ("b", 4)]


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    data = codecs.BOM_UTF8 + jsonl([row(id="a"), row(id="b")]).replace(b"\n", b"\r\n")
    assert [record.key for record in records_of(read_bytes(SOURCE, data))] == ["a", "b"]
    assert recognise(Path("papers.txt"), data) == "jsonl"


def test_lines_are_numbered_behind_one_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_LINE", 4)
    assert list(numbered_lines(io.BytesIO(b"ab\n123456789\ncd\n1234\n12345"))) == [
        (1, b"ab\n"),
        (2, None),
        (3, b"cd\n"),
        (4, b"1234\n"),
        (5, None),
    ]


@pytest.mark.parametrize(
    ("head", "name", "wanted"),
    [
        (b'{"id": "a", "title": "t"}\n', "x.txt", True),
        (b"anything", "x.jsonl", True),
        (b'{"id": "a", "title": "t", "authors_parsed": []}\n', "x.jsonl", False),
        (b'[{"title": "t"}]', "x.json", False),
        (b"", "folder", False),
    ],
)
def test_it_recognises_its_files(head: bytes, name: str, wanted: bool) -> None:
    assert SOURCE.recognises(head, path=Path(name)) is wanted
