from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coolpapers.papers.errors import HarvestError, SourceFormatError
from coolpapers.papers.records.record import Record
from coolpapers.papers.sources.arxiv.oai import ArxivOaiSource, key_of, local_key
from tests.coolpapers.papers.make import DATA, deletions_of, read_bytes, read_file, records_of, refusals_of

SOURCE = ArxivOaiSource()
ANSWERS = DATA / "arxiv_oai"


def test_it_reads_arxiv_s_own_form() -> None:
    items = read_file(SOURCE, ANSWERS / "arxiv.xml")
    (record,) = records_of(items)
    assert record.key == "arxiv:2405.90001"
    assert record.title == "Harvesting <tests> with $x < y$"
    assert record.authors == ("J. Müller Jr", "Test Collaboration")
    assert record.categories == ("eess.SY", "cs.CL")
    assert (record.submitted, record.updated, record.announced) == (
        date(2024, 5, 24),
        date(2024, 5, 28),
        date(2024, 5, 27),
    )
    assert (record.doi, record.journal_ref, record.comment) == ("10.1000/harvest.1", "J. Tests 1 (2024) 1-8", "8 pages")
    assert record.abstract == "We harvest.\n\nAnd again."
    assert deletions_of(items) == ["arxiv:2405.90002"]
    assert refusals_of(items) == [
        "arxiv.xml, line 26: title: missing or empty",
        "arxiv.xml, line 32: metadata: missing in oai:arXiv.org:2405.90004",
    ]


def test_it_reads_the_raw_form_with_its_versions() -> None:
    (record,) = records_of(read_file(SOURCE, ANSWERS / "raw.xml"))
    assert record.authors == ("C. Balázs", "E. L. Writer")
    assert sorted(version.number for version in record.versions) == [1, 2, 3]
    assert (record.submitted, record.updated, record.withdrawn) == (date(2007, 4, 2), date(2007, 7, 24), True)


def test_it_reads_dublin_core_of_arxiv_and_of_another_library() -> None:
    old, other = records_of(read_file(SOURCE, ANSWERS / "dublin_core.xml"))
    assert (old.key, old.arxiv_id, old.doi) == ("arxiv:hep-th/9901001", "hep-th/9901001", "10.1000/strings")
    assert old.authors == ("C. Balázs", "Cher")
    assert (old.abstract, old.comment) == ("An abstract.", "10 pages")
    assert old.categories == ("hep-th", "math.AG")
    assert (old.submitted, old.updated, old.year) == (date(1999, 1, 1), date(1999, 2, 1), 1999)
    assert (other.key, other.source, other.ident) == ("acl:2020.acl-main.9001", "acl", "2020.acl-main.9001")
    assert (other.categories, other.year) == (("cs.CL",), 2020)


def test_an_empty_answer_is_no_error_and_others_are() -> None:
    assert read_file(SOURCE, ANSWERS / "no_records.xml") == []
    with pytest.raises(HarvestError, match=r"badResumptionToken: The token page\|2 has expired\."):
        read_file(SOURCE, ANSWERS / "bad_token.xml")


def test_an_unknown_metadata_form_is_refused() -> None:
    data = (ANSWERS / "raw.xml").read_bytes().replace(b"arXivRaw", b"marc21")
    assert refusals_of(read_bytes(SOURCE, data)) == [
        "file, line 6: metadata: 'marc21' is not a form that is read; harvest with oai_dc, arXiv or arXivRaw"
    ]


def test_a_broken_namespace_is_an_error_of_the_file_not_of_ours() -> None:
    data = (ANSWERS / "raw.xml").read_bytes().replace(b"http://arxiv.org/OAI/arXivRaw/", b"http://a}rxiv.org/")
    with pytest.raises(SourceFormatError, match="is not a valid URI"):
        read_bytes(SOURCE, data)


@pytest.mark.parametrize(
    ("identifier", "key"),
    [
        ("oai:arXiv.org:0704.0001", "arxiv:0704.0001"),
        ("oai:arXiv.org:math/0601001", "arxiv:math/0601001"),
        ("oai:papers.example.org:acl:P19-1001", "acl:P19-1001"),
        ("plain", "plain"),
        ("oai:escholarship.org:ark:/13030/qt1", "ark:/13030/qt1"),
        ("oai:Journal.example.org:article/12", "oai:journal.example.org:article/12"),
        ("oai:zenodo.org:123", "oai:zenodo.org:123"),
    ],
)
def test_keys_come_from_oai_identifiers(identifier: str, key: str) -> None:
    assert key_of(identifier) == key


def test_the_local_id_of_a_key() -> None:
    assert local_key("oai:zenodo.org:123") == "123"
    assert local_key("acl:P19-1001") == "acl:P19-1001"


def test_it_recognises_its_files() -> None:
    assert SOURCE.recognises((ANSWERS / "arxiv.xml").read_bytes(), path=Path("any"))
    assert not SOURCE.recognises(b"<feed/>", path=Path("any"))


FORM = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header>'
    "<identifier>oai:arXiv.org:2401.00001</identifier></header><metadata>{}</metadata></record></ListRecords></OAI-PMH>"
)


def only(metadata: str) -> Record:
    (record,) = records_of(read_bytes(SOURCE, FORM.format(metadata).encode()))
    return record


def test_collaborations_affiliations_and_report_numbers_are_kept() -> None:
    record = only(
        "<arXiv><id>2401.00001</id><created>2024-01-01</created><authors>"
        "<author><keyname>Alpha Collaboration</keyname></author><author><keyname>:</keyname></author>"
        "<author><keyname>Doe</keyname><forenames>J.</forenames><suffix>Jr.</suffix><affiliation>Lab A</affiliation>"
        "<affiliation>Lab B</affiliation></author></authors><title>T</title><report-no>CERN-1, DESY-2</report-no>"
        "</arXiv>"
    )
    assert record.authors == ("Alpha Collaboration", "J. Doe Jr.")
    assert (record.affiliations, record.report_numbers) == (("Lab A", "Lab B"), ("CERN-1", "DESY-2"))


def test_the_raw_form_s_author_line_is_read() -> None:
    record = only(
        "<arXivRaw><id>2401.00001</id><version version='v1'><date>Mon, 1 Jan 2024 10:00:00 GMT</date></version>"
        "<title>T</title><authors>Test collaboration: S. One (1), et al. ((1) Some University)</authors></arXivRaw>"
    )
    assert (record.authors, record.affiliations) == (("Test collaboration", "S. One"), ("Some University",))


def test_an_empty_last_version_is_a_withdrawal() -> None:
    version = (
        "<version version='v{0}'><date>Mon, {0} Jan 2024 10:00:00 GMT</date><source_type>{1}</source_type></version>"
    )
    form = "<arXivRaw><id>2401.00001</id>{}<title>T</title><authors>A. One</authors></arXivRaw>"
    assert only(form.format(version.format(1, "D") + version.format(2, "I"))).withdrawn
    assert not only(form.format(version.format(1, "I") + version.format(2, "D"))).withdrawn


def test_a_bad_date_costs_the_date() -> None:
    record = only("<arXiv><id>2401.00001</id><created>soon</created><title>T</title></arXiv>")
    assert (record.submitted, [dropped.field for dropped in record.dropped]) == (None, ["created"])
