from __future__ import annotations

import pytest

from coolpapers.papers.errors import BadField
from coolpapers.papers.names import kinds
from coolpapers.papers.sources.references.reference import Reference, join_title, journal_name, key_of, record_of


def test_a_journal_article_says_where_it_stands() -> None:
    reference = Reference(
        ident="k", kind="journal", title="T", authors=["A B"], container="Tests", volume="9", issue="8", pages="1--5"
    )
    record = record_of(reference)
    assert (record.journal_ref, record.venue_text, record.pages) == ("Tests 9(8), 1-5", "Tests", "1-5")


def test_arxiv_is_no_journal() -> None:
    reference = Reference(
        ident="k", kind="journal", title="T", container="ArXiv", volume="abs/1706.03762", publisher="arXiv",
        fields={"journal": "ArXiv", "volume": "abs/1706.03762"},
    )  # fmt: skip
    record = record_of(reference)
    assert (record.kind, record.arxiv_id) == ("preprint", "1706.03762")
    assert (record.journal_ref, record.venue_text, record.volume, record.publisher) == ("", "", "", "")


def test_a_title_is_needed() -> None:
    with pytest.raises(BadField, match="title: missing or empty"):
        record_of(Reference(ident="k", authors=["A B"]))


def key(**changes: object) -> str:
    values: dict[str, object] = {"title": "Vision", "authors": ["Mary Moe"], "year": "2012", "container": "Tests"}
    values |= changes
    return key_of("", "", str(values["title"]), list(values["authors"]), year=str(values["year"]), container="J")  # type: ignore[call-overload]


def test_the_key_tells_papers_apart_and_is_the_same_for_the_same_entry() -> None:
    assert key() == key(title="{Vision} ", authors=["mary moe"])
    assert len({key(), key(authors=["Pat Poe"]), key(year="1982"), key(title="Vision+"), key(title="Vision-")}) == 5
    long = "A title that is long enough to be the only one of its kind in the world"
    assert key(title=long) == key(title=long, year="2013")
    chapters = {key_of("10.1000/book", "", title, ["A B"], year="2000", container="") for title in ("One", "Two")}
    assert len(chapters) == 2
    assert key_of("", "", " ", [], year=None, container="") == "bib:untitled"


def test_subtitles_are_joined_by_a_colon_or_by_the_title_s_own_sign() -> None:
    assert join_title("Main", "Sub") == "Main: Sub"
    assert join_title("Why?", "Sub") == "Why? Sub"
    assert join_title("", "Sub") == "Sub"
    assert join_title("Main", "") == "Main"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Science (New York, N.Y.)", "Science"),
        ("Lancet (London, England)", "Lancet"),
        ("Methods in molecular biology (Clifton, N.J.)", "Methods in molecular biology"),
        ("Inverse Problems (Print)", "Inverse Problems"),
        ("BMJ (Clinical research ed.)", "BMJ"),
        ("Physical Review (Series I)", "Physical Review (Series I)"),
        ("Nature", "Nature"),
    ],
)
def test_a_journal_s_name_has_no_place_of_a_library_catalogue(text: str, name: str) -> None:
    assert journal_name(text) == name
    record = record_of(Reference(ident="a", kind=kinds.JOURNAL, title="A title", container=text))
    assert record.venue_text == name
