from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from coolpapers.papers.records.record import PAPER_FIELDS, Record, Refusal
from coolpapers.papers.sources.site_records import ELEMENTS, read_datestamp, read_work


def work(entry: str, attributes: str = 'key="own:1"') -> etree._Element:
    return etree.fromstring(f'<work xmlns="urn:coolpapers:oai:1"><entry {attributes}>{entry}</entry></work>')


def test_a_record_without_title_costs_itself_only() -> None:
    both = etree.fromstring(
        '<work xmlns="urn:coolpapers:oai:1"><entry key="own:1"/><entry key="own:2"><title>Told</title></entry></work>'
    )
    first, second = read_work(both, name="site")
    assert isinstance(first.item, Refusal)
    assert isinstance(second.item, Record)


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999"])
def test_versions_that_cannot_be_stored_are_dropped(number: str) -> None:
    (found,) = read_work(work(f'<title>Told</title><version number="{number}"/>'), name="site")
    assert isinstance(found.item, (Record, Refusal))
    if isinstance(found.item, Record):
        assert found.item.versions == ()


def test_values_that_no_library_writes_do_no_harm() -> None:
    entry = "<title>T</title><venue>a/b c</venue><venue-year>20x5</venue-year><page-url>javascript:x</page-url><odd/>"
    (found,) = read_work(work(entry), name="site")
    assert isinstance(found.item, Record)
    assert (found.item.venue_slug, found.item.venue_year, found.item.page_url) == ("", None, "")


def test_an_origin_needs_a_date() -> None:
    (found,) = read_work(work("<title>T</title>", 'key="own:1" origin="x.org" origin-date="soon"'), name="site")
    assert found.origin is None


def test_every_field_of_a_record_has_an_element() -> None:
    assert set(ELEMENTS) == set(PAPER_FIELDS)


def test_datestamps_of_both_granularities() -> None:
    assert read_datestamp("2024-05-31") == datetime(2024, 5, 31, tzinfo=UTC)
    assert read_datestamp("2024-05-31T12:00:01Z") == datetime(2024, 5, 31, 12, 0, 1, tzinfo=UTC)
    assert read_datestamp("2024-05-31T12:00:01+00:00") is None
