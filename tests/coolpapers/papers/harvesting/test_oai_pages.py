from __future__ import annotations

import io

import pytest

from coolpapers.papers.errors import HarvestError, SourceFormatError
from coolpapers.papers.harvesting.oai_pages import Listed, iter_listed, malformed, parse_page, salvage_page
from tests.coolpapers.papers.harvesting.oai_server import error_xml, header_xml, headers_xml, page_xml, record_xml
from tests.coolpapers.papers.make import DATA, records_of, refusals_of


def test_a_page_tells_its_records_and_how_the_list_goes_on() -> None:
    page = parse_page((DATA / "arxiv_oai" / "arxiv.xml").read_bytes(), name="server")
    assert (len(page.items), page.token, page.n_total) == (4, "page|2", 5)
    assert page.response_date == "2024-06-01T00:00:00Z"


@pytest.mark.parametrize("token", [None, ""])
def test_the_last_page_has_no_token(token: str | None) -> None:
    page = parse_page(page_xml([record_xml("2405.90001")], token=token).encode(), name="server")
    assert (len(page.items), page.token, page.n_total) == (1, "", None)


def test_an_empty_list_is_an_empty_page_and_an_error_an_error() -> None:
    assert parse_page(error_xml("noRecordsMatch", "none").encode(), name="s").items == []
    with pytest.raises(HarvestError) as caught:
        parse_page(error_xml("badArgument", "The date is wrong").encode(), name="s")
    assert (caught.value.code, str(caught.value)) == ("badArgument", "badArgument: The date is wrong")


@pytest.mark.parametrize("junk", ["\x0b", "&#x1f;", "&#11;", "\x00"])
def test_characters_that_xml_has_no_room_for_are_dropped(junk: str) -> None:
    data = page_xml([record_xml("2405.90001", title=f"Form{junk}feed")]).encode()
    assert malformed(data) == ""
    assert [record.title for record in records_of(parse_page(data, name="s").items)] == ["Formfeed"]


def test_a_malformed_page_is_read_record_by_record() -> None:
    bad = record_xml("2405.90002").replace("</title>", "</tilte>")
    data = page_xml([record_xml("2405.90001"), bad, record_xml("2405.90003")], token="a&amp;b").encode()
    assert "not well-formed XML" in malformed(data)
    with pytest.raises(SourceFormatError):
        parse_page(data, name="server")
    page = salvage_page(data, name="server")
    assert [record.ident for record in records_of(page.items)] == ["2405.90001", "2405.90003"]
    (message,) = refusals_of(page.items)
    assert message.startswith("server, line 1: not well-formed XML")
    assert page.token == "a&b"


def test_another_page_than_an_answer_is_said_to_be_none() -> None:
    notice = b"<html><body>maintenance</body></html>"
    assert malformed(notice).startswith("not an OAI-PMH answer; is the address that of a repository")
    with pytest.raises(SourceFormatError):
        parse_page(notice, name="server")


def test_a_page_without_its_end_cannot_be_salvaged() -> None:
    data = page_xml([record_xml("2405.90001")], token="next").encode()
    with pytest.raises(SourceFormatError, match="says not how the list goes on"):
        salvage_page(data[: data.index(b"<resumptionToken")], name="server")


def test_headers_of_a_listing_are_read() -> None:
    data = headers_xml([header_xml("2405.90001"), header_xml("2405.90002", sets=(), deleted=True)]).encode()
    assert list(iter_listed(io.BytesIO(data))) == [
        Listed("arxiv:2405.90001", "2024-05-28", ("cs:cs:CL",)),
        Listed("arxiv:2405.90002", "2024-05-28", (), is_deleted=True),
    ]
    with pytest.raises(HarvestError):
        list(iter_listed(io.BytesIO(error_xml("badVerb", "no").encode())))
