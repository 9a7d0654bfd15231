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


def test_equal_local_ids_of_two_repositories_are_two_papers() -> None:
    """Every journal that uses OJS has an ``article/12``."""
    record = (
        "<record><header><identifier>oai:{}:article/12</identifier><datestamp>2026-03-04</datestamp></header><metadata>"
        '<dc xmlns="http://purl.org/dc/elements/1.1/"><title>A paper of {}</title></dc></metadata></record>'
    )
    pages = [
        parse_page(page_xml([record.format(host, host)]).encode(), name="s")
        for host in ("a.example.org", "b.example.org")
    ]
    keys = [item.key for page in pages for item in records_of(page.items)]
    assert keys == ["oai:a.example.org:article/12", "oai:b.example.org:article/12"]


@pytest.mark.parametrize("size", ["²", "9" * 5_000, "many", "-1", ""])
def test_a_size_that_is_no_number_is_unknown(size: str) -> None:
    data = page_xml([record_xml("2405.90001")], token="t").replace(
        "<resumptionToken>", f'<resumptionToken completeListSize="{size}">'
    )
    assert parse_page(data.encode(), name="s").n_total is None


@pytest.mark.parametrize(("written", "token"), [("a=1&b=2", "a=1&b=2"), ("a&amp;b&x", "a&b&x"), ("&#x41;&", "A&")])
def test_a_token_whose_ampersands_are_not_escaped_goes_on(written: str, token: str) -> None:
    data = page_xml([record_xml("2405.90001")], token=written).encode()
    assert malformed(data)
    page = salvage_page(data, name="server")
    assert (len(page.items), page.token) == (1, token)


def test_a_malformed_page_with_prefixes_is_read_record_by_record() -> None:
    data = page_xml([record_xml("2405.90001"), record_xml("2405.90002").replace("</title>", "</tilte>")], token="t")
    for name in ("record", "header", "identifier", "datestamp", "metadata", "resumptionToken", "ListRecords"):
        data = data.replace(f"<{name}>", f"<oai:{name}>").replace(f"</{name}>", f"</oai:{name}>")
    data = data.replace("<OAI-PMH ", '<oai:OAI-PMH xmlns:oai="http://www.openarchives.org/OAI/2.0/" ')
    page = salvage_page(data.replace("</OAI-PMH>", "</oai:OAI-PMH>").encode(), name="server")
    assert [record.ident for record in records_of(page.items)] == ["2405.90001"]
    assert (len(page.items), page.token) == (2, "t")


def test_a_malformed_list_of_one_page_needs_no_token() -> None:
    bad = record_xml("2405.90002").replace("</title>", "</tilte>")
    page = salvage_page(page_xml([record_xml("2405.90001"), bad]).encode(), name="server")
    assert (len(page.items), page.token) == (2, "")


def test_a_token_that_is_no_text_cannot_be_followed() -> None:
    data = page_xml([record_xml("2405.90001")], token="<b>").encode()
    with pytest.raises(SourceFormatError, match="token is malformed"):
        salvage_page(data, name="server")


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
