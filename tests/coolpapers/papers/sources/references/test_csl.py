from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coolpapers.papers.records.record import Dropped, Record
from coolpapers.papers.sources.references.csl import CslJsonSource
from coolpapers.papers.sources.registry import recognise
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = CslJsonSource()
LIBRARY = DATA / "references" / "library.csl.json"


def test_it_reads_a_library() -> None:
    journal, preprint, report, extra = records_of(read_file(SOURCE, LIBRARY))
    assert (journal.title, journal.ident) == (r"On the \emph{shapes} of small things", "doe2019")
    assert journal.authors == ("Ludwig van der Vaart", "Jane Doe Jr.", "The Test Collaboration")
    assert (journal.editors, journal.publisher) == (("Ann Editor",), "Press")
    assert (journal.year, journal.submitted) == (2019, date(2019, 5, 17))
    assert (journal.kind, journal.venue_text) == ("journal", "Journal of Tests")
    assert (journal.volume, journal.issue) == ("9", "8")
    assert (journal.pages, journal.doi, journal.page_url) == ("1735-1780", "10.1000/memory", "https://example.org/1")
    assert (journal.abstract, journal.keywords) == ("We study.", ("tests", "shapes"))
    assert (preprint.kind, preprint.arxiv_id, preprint.submitted, preprint.pages) == (
        "preprint", "2101.00005", date(2021, 1, 2), ""
    )  # fmt: skip
    assert (report.year, report.report_numbers, report.publisher) == (2001, ("TR-12",), "Lab")
    assert report.dropped == (Dropped("author", "a list of names is wanted"),)
    assert (extra.doi, extra.arxiv_id, extra.authors) == ("10.1000/extra", "2101.00006", ())
    assert [dropped.field for dropped in extra.dropped] == ["author"]


def test_broken_and_untitled_items_are_refused() -> None:
    broken, untitled = refusals_of(read_file(SOURCE, LIBRARY))
    assert broken.startswith("library.csl.json, line 11: not JSON:")
    assert untitled == "library.csl.json, line 12: title: missing or empty"


def test_lists_of_text_and_an_object_with_items_are_read() -> None:
    data = b'{"items": [{"type": "journal-article", "title": ["One"], "issued": {"date-parts": [[2001]]}}]}'
    (record,) = records_of(read_bytes(SOURCE, data))
    assert (record.title, record.year, record.kind) == ("One", 2001, "journal")


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (LIBRARY.read_bytes(), "csl-json"),
        (b'[{"type": "book", "title": "T", "author": [{"family": "Doe"}]}]', "csl-json"),
        (b'[{"title": "T", "authors": ["A B"], "type": "Poster"}]', "conference-json"),
    ],
)
def test_it_is_told_from_lists_of_a_conference(head: bytes, wanted: str) -> None:
    assert recognise(Path("x.json"), head) == wanted


def test_a_published_paper_has_its_arxiv_id_in_the_archive() -> None:
    data = (
        b'[{"type": "paper-conference", "title": "T", "issued": {"date-parts": [[2024]]}, "archive": "arXiv", '
        b'"archive_location": "2406.01234", "container-title": "Proceedings of the 3rd Odd Workshop", '
        b'"event-title": "ODD 2024", "keyword": "Logic, Semantics; parsing"}]'
    )
    (record,) = records_of(read_bytes(SOURCE, data))
    assert (record.arxiv_id, record.kind, record.venue_slug) == ("2406.01234", "conference", "ODD")
    assert record.keywords == ("Logic, Semantics", "parsing")


def only(fields: str) -> Record:
    (record,) = records_of(read_bytes(SOURCE, f'[{{"type": "article-journal", {fields}}}]'.encode()))
    return record


def test_names_of_every_form_are_read() -> None:
    people = (
        '{"literal": "U.S. Food and Drug Administration"}, {"name": "An Org"}, {"family": "Plato"}, "Doe, Jane", '
        '{"family": "King", "given": "M. L.", "suffix": "Jr."}, {"family": "张", "given": "三"}, '
        '{"family": "Roe", "given": "R.", "non-dropping-particle": "van", "dropping-particle": "von"}'
    )
    assert only(f'"title": "T", "author": [{people}]').authors == (
        "U.S. Food and Drug Administration", "An Org", "Plato", "Jane Doe", "M. L. King Jr.", "张三", "R. von van Roe",
    )  # fmt: skip
    assert only('"title": "T", "author": {"family": "Doe", "given": "Jane"}').authors == ("Jane Doe",)


def test_crossref_s_lists_are_read() -> None:
    record = only(
        '"title": ["Main"], "subtitle": ["Sub"], "keyword": ["a, b", "c"], '
        '"author": [{"family": "Doe", "given": "J.", "affiliation": [{"name": "Lab"}]}, {"family": "Roe"}]'
    )
    assert (record.title, record.keywords, record.affiliations) == ("Main: Sub", ("a, b", "c"), ("Lab",))


@pytest.mark.parametrize("name", ["issued", "published", "published-print", "published-online"])
def test_the_date_stands_in_any_of_crossref_s_fields(name: str) -> None:
    assert only(f'"title": ["Main"], "{name}": {{"date-parts": [[2011, 2, 3]]}}').year == 2011


def test_a_short_title_stands_in_for_a_missing_one() -> None:
    assert only('"title-short": "Short"').title == "Short"


@pytest.mark.parametrize(
    ("issued", "year", "day"),
    [
        ('{"date-parts": [["2020", "5", "7"]]}', 2020, "2020-05-07"),
        ('{"date-parts": [[2019]], "season": 2, "circa": true}', 2019, None),
        ('{"date-parts": [[2019, 3], [2019, 4]]}', 2019, None),
        ('{"raw": "May 2018"}', 2018, None),
        ('{"literal": "Spring 1999"}', 1999, None),
        ('"2015-03-04/2015-03-05"', 2015, "2015-03-04"),
        ('{"date-parts": [[-44]]}', None, None),
        ('{"date-parts": [[null]]}', None, None),
    ],
)
def test_dates_of_every_form_are_read(issued: str, year: int | None, day: str | None) -> None:
    record = only(f'"title": "T", "issued": {issued}')
    assert (record.year, str(record.submitted) if record.submitted else None) == (year, day)
