from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coolpapers.papers.errors import BadField
from coolpapers.papers.names.kinds import KINDS
from coolpapers.papers.records.fieldvalues import (
    address_value,
    arxiv_value,
    authors_value,
    categories_value,
    count_value,
    date_value,
    doi_value,
    text_value,
    words_value,
    year_value,
)
from coolpapers.papers.records.record import Dropped
from tests.coolpapers.papers.addresses import MALFORMED
from tests.coolpapers.papers.make import record

MANY = [f"A{n} B" for n in range(10_003)]


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"title": ""}, "title", "missing or empty"),
        ({"title": None}, "title", "missing or empty"),
        ({"title": " \x07 "}, "title", "missing or empty"),
        ({"title": ["a"]}, "title", "text is wanted, found a list"),
        ({"key": None}, "id", "missing; each record needs an id of its own"),
        ({"key": "x" * 201}, "id", "201 characters long; at most 200 can be stored"),
        ({"title": "word " * 500}, "title", "2,499 characters; at most 2,000 are taken"),
        ({"title": "word " * 2_000_000}, "title", "9,999,999 characters; at most 2,000 are taken"),
    ],
)
def test_a_title_or_id_that_cannot_be_stored_names_field_and_reason(
    fields: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(BadField) as caught:
        record(**fields)
    assert (caught.value.field, caught.value.reason) == (field, reason)


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"year": 20245}, "year", "20245 is not between 1600 and 2100"),
        ({"year": "soon"}, "year", "'soon' is not a number"),
        ({"year": True}, "year", "True is not a number"),
        ({"abstract": {"a": 1}}, "abstract", "text is wanted, found an object"),
        ({"authors": 5}, "authors", "a list is wanted, found a number"),
        ({"authors": [None, {"a": 1}]}, "authors", "text is wanted, found an object"),
        ({"submitted": "2024-02-30"}, "submitted", "'2024-02-30' is not a date of the form 2024-05-31"),
        ({"updated": "soon"}, "updated", "'soon' is not a date of the form 2024-05-31"),
        ({"announced": "9999-01-01"}, "announced", "'9999-01-01' lies outside the years 1600 to 2100"),
        ({"n_citations": "many"}, "citations", "'many' is not a number"),
        ({"categories": 7}, "categories", "a list is wanted, found a number"),
        ({"kind": "song"}, "kind", f"'song' is not one of {', '.join(KINDS)}"),
        ({"editors": {"a": 1}}, "editors", "a list is wanted, found an object"),
        ({"doi": ["10.1000/x"]}, "doi", "text is wanted, found a list"),
    ],
)
def test_a_side_field_that_cannot_be_stored_is_dropped_and_named(
    fields: dict[str, Any], field: str, reason: str
) -> None:
    made = record(**fields)
    assert made.dropped == (Dropped(field, reason),)
    assert made.title


@pytest.mark.parametrize(
    ("fields", "name", "length", "reason"),
    [
        ({"abstract": "a" * 100_001}, "abstract", 100_000, "100,001 characters; cut to 100,000"),
        ({"abstract": "\n" * 5_000_000}, "abstract", 0, "5,000,000 characters; cut to 100,000"),
        ({"comment": "c" * 20_000}, "comment", 10_000, "20,000 characters; cut to 10,000"),
        ({"venue": "V" * 401}, "venue_text", 400, "401 characters; cut to 400"),
        ({"volume": "v" * 61}, "volume", 60, "61 characters; cut to 60"),
        ({"publisher": "p" * 201}, "publisher", 200, "201 characters; cut to 200"),
        (
            {"authors": [f"A{n} B" for n in range(10_003)]},
            "authors",
            10_000,
            "10,003 names; the first 10,000 are taken",
        ),
    ],
)
def test_a_long_field_is_cut_with_a_note(fields: dict[str, Any], name: str, length: int, reason: str) -> None:
    made = record(**fields)
    assert len(getattr(made, name)) == length
    assert [dropped.reason for dropped in made.dropped] == [reason]


def test_spaces_do_not_count_as_length() -> None:
    assert record(venue="V" + " " * 500 + "W").venue_text == "V W"
    assert record(title="A title" + " " * 5_000 + "that is short").dropped == ()


def test_details_of_the_publication_are_cleaned() -> None:
    made = record(
        kind="Journal",
        pages="436 -- 444",
        volume=" 9 ",
        issue=8,
        publisher="Tests &amp; Sons",
        editors=["Erd\\H{o}s, Paul"],
        affiliations=["University of Tests", "Lab,", "University of Tests"],
        report_numbers=["CERN-TH-2020-1"],
    )
    assert (made.kind, made.pages, made.volume, made.issue) == ("journal", "436-444", "9", "8")
    assert (made.publisher, made.editors) == ("Tests & Sons", ("Erdős, Paul",))
    assert (made.affiliations, made.report_numbers) == (("University of Tests", "Lab"), ("CERN-TH-2020-1",))


def test_wrong_links_and_unknown_counts_are_left_out_not_refused() -> None:
    made = record(page_url=" Poses and Occlusions", pdf_url="https://a b", code_url="javascript:x", n_citations=-1)
    assert (made.page_url, made.pdf_url, made.code_url, made.n_citations) == ("", "", "", None)


def test_lists_are_read_from_text_too() -> None:
    assert authors_value("Ada Example; Bo Walker") == ("Ada Example", "Bo Walker")
    assert authors_value("Ada Example, Bo Walker") == ("Ada Example", "Bo Walker")
    assert words_value("keywords", "one, two;three") == ("one, two", "three")
    assert categories_value("cs.CL cs.NA cs.CL 68T50") == ("cs.CL", "math.NA")
    assert words_value("keywords", None) == ()


def test_numbers_and_dates_are_read_from_text() -> None:
    assert (year_value("2024"), year_value(2024), year_value(""), year_value(None)) == (2024, 2024, None, None)
    assert (count_value("n", "12.0"), count_value("n", -1), count_value("n", 2**40)) == (12, None, None)
    assert date_value("d", "2024-02-29T10:00:00Z") == date_value("d", date(2024, 2, 29)) == date(2024, 2, 29)
    assert text_value("t", 7) == "7"


def test_identifiers_are_made_canonical_and_others_dropped() -> None:
    assert (arxiv_value("arXiv:1406.02661v2"), arxiv_value("none"), arxiv_value(None)) == ("1406.2661", "", "")
    assert doi_value("https://doi.org/10.1000/A") == ("10.1000/a", "")
    assert doi_value("10.48550/arXiv.2406.01234") == ("", "2406.01234")
    assert doi_value("none") == doi_value("10.1000/" + "x" * 300) == ("", "")


@pytest.mark.parametrize(
    "value", ["ftp://example.org", "https://exa mple.org", "https://e.org/" + "x" * 500, None, 3, *MALFORMED]
)
def test_what_is_no_web_address_is_left_out(value: object) -> None:
    assert address_value(value) == ""
    assert address_value(" https://example.org/a ") == "https://example.org/a"
