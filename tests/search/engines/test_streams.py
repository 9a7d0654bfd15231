from __future__ import annotations

from search.engines.streams import (
    ABSTRACT,
    AUTHOR,
    CLOSED_STREAMS,
    COMMENT,
    FIELDS,
    K1,
    MAIN_STREAMS,
    NAMED_FIELDS,
    SET_STREAMS,
    TITLE,
    VENUE,
    B,
    index_marks,
    index_streams,
)
from tests.house.source import ROOT
from tests.search.make import make_document


def test_a_document_fills_every_stream() -> None:
    streams = index_streams(make_document("p:0", title="Networks", authors=["María Díaz"], comment="To appear"))
    assert streams.keys() == {*MAIN_STREAMS, *SET_STREAMS}
    assert (streams["title"], streams["title_exact"]) == ("network", "networks")
    assert streams["author"] == "maria diaz"
    assert set(streams["author_exact"].split()) == {"diaz|maria", "maría", "díaz"}
    assert streams["comment"] == "to appear"


def test_titles_weigh_more_than_abstracts_and_those_more_than_the_rest() -> None:
    assert TITLE.weight > ABSTRACT.weight > AUTHOR.weight > VENUE.weight > COMMENT.weight > 0
    assert all(field.exact_weight < field.weight for field in FIELDS.values())
    assert all(field.closed_weight < field.weight for field in FIELDS.values())


def test_closed_forms_do_not_change_positions_of_the_main_stream() -> None:
    streams = index_streams(make_document("p:0", title="Multi-task learning", abstract="We pre-train."))
    assert streams["title"] == "multi task learn"
    assert set(streams["title_closed"].split()) == {"multitask"}
    assert set(streams["abstract_closed"].split()) == {"pretrain"}
    assert CLOSED_STREAMS == {"title_closed": "title", "abstract_closed": "abstract"}


def test_prefixes_match_unstemmed_words() -> None:
    assert (TITLE.prefix_stream, AUTHOR.prefix_stream) == ("title_exact", "author")


def test_marks_are_the_exact_values_in_lower_case() -> None:
    document = make_document(
        "p:0", categories=["cs.CL", "math-ph"], doi="10.1/ABC", flags=["pdf"], venue_facet="ICLR 2025", idents=["p:0"]
    )
    assert set(index_marks(document)) == {
        "c:cs.cl",
        "c:math-ph",
        "i:p:0",
        "f:pdf",
        "v:iclr 2025",
        "v:iclr",
        "d:10.1/abc",
    }
    assert "v:" not in " ".join(index_marks(make_document("p:1")))


def test_the_reference_page_gives_the_weights_of_the_code() -> None:
    page = (ROOT / "docs/reference/search.md").read_text(encoding="utf-8")
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("|")]
    for field in (*FIELDS.values(), *NAMED_FIELDS.values()):
        exact = [field.exact_stream, str(field.exact_weight) if field.exact_stream else ""]
        closed = [field.closed_stream, str(field.closed_weight) if field.closed_stream else ""]
        row = [field.name, field.stream, str(field.weight), *exact, *closed, "yes" if field.is_stemmed else "no"]
        assert row in rows
    assert f"k1 = {K1} and b = {B}" in page
