from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.errors import BadField
from coolpapers.papers.models import Paper
from coolpapers.papers.records.record import PAPER_FIELDS, Record, Refusal, Version, content_of, digest, make_record
from tests.coolpapers.papers.make import record


def test_values_are_cleaned() -> None:
    made = record(
        title=r"The Schr\"odinger  equation",
        authors=['M\\"uller, J.', "A B (Test U)", ""],
        abstract="one\ntwo\n\nthree",
        categories=["cs.NA", "math.NA", "68T50", "I.2.7", "q-fin.EC"],
        doi="https://doi.org/10.1000/ABC",
        year="2024",
        keywords="a; b;a",
        n_citations="12",
    )
    assert made.title == "The Schrödinger equation"
    assert made.authors == ("Müller, J.", "A B")
    assert made.abstract == "one two\n\nthree"
    assert made.categories == ("math.NA", "econ.GN")
    assert made.doi == "10.1000/abc"
    assert made.year == 2024
    assert made.keywords == ("a", "b")
    assert made.n_citations == 12


@pytest.mark.parametrize(
    ("key", "page_url", "identity"),
    [
        ("arxiv:1406.02661v2", "", ("arxiv:1406.2661", "arxiv", "1406.2661")),
        ("2406.01234", "", ("arxiv:2406.01234", "arxiv", "2406.01234")),
        ("acl:2020.acl-main.1", "", ("acl:2020.acl-main.1", "acl", "2020.acl-main.1")),
        ("acl:W19-3~1", "https://aclanthology.org/W19-3/", ("acl:W19-3~1", "acl", "W19-3~1")),
        ("iros2012:1", "https://ieeexplore.ieee.org/document/1/", ("iros2012:1", "ieee", "1")),
        ("mine", "https://example.org/mine", ("mine", "file", "mine")),
        ("mine", "not an address", ("mine", "file", "mine")),
    ],
)
def test_source_and_ident_come_from_the_key_or_the_address(
    key: str, page_url: str, identity: tuple[str, str, str]
) -> None:
    made = record(key=key, page_url=page_url)
    assert (made.key, made.source, made.ident) == identity


def test_an_arxiv_doi_is_an_arxiv_id() -> None:
    made = record(doi="10.48550/arXiv.2406.01234")
    assert (made.doi, made.arxiv_id) == ("", "2406.01234")


def test_the_year_comes_from_venue_or_first_date_where_it_is_missing() -> None:
    assert record(venue="ICLR 2025").year == 2025
    assert record(submitted="2023-05-01").year == 2023
    assert record(venue="TACL", year=2022).venue_year == 2022
    assert record().year is None


def test_a_withdrawn_submission_is_marked() -> None:
    made = record(venue="ICLR 2018", status="Withdraw")
    assert (made.withdrawn, made.track, made.venue_slug) == (True, "Withdrawn", "ICLR")


def test_the_digest_changes_with_content_and_versions_only() -> None:
    one, same = record(key="a", title="T one", line=1), record(key="b", title="T one", line=2)
    other = record(key="a", title="T two")
    assert digest(content_of(one)) == digest(content_of(same)) != digest(content_of(other))
    assert digest(content_of(one), [Version(1)]) != digest(content_of(one))


def test_a_refusal_says_file_line_field_and_reason() -> None:
    assert str(Refusal("a.jsonl", 3, "year", "soon is not a number")) == "a.jsonl, line 3: year: soon is not a number"
    assert str(Refusal("a.jsonl", 0, "", "not JSON")) == "a.jsonl: not JSON"


def test_every_field_of_the_content_has_its_column() -> None:
    columns = {field.name for field in Paper._meta.get_fields()}
    assert set(PAPER_FIELDS) - columns == {"venue_slug", "venue_name"}


loose = st.one_of(
    st.none(), st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.lists(st.text(max_size=9),
    max_size=4), st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)  # fmt: skip
_LOOSE_NAMES = (
    "key title abstract authors year submitted updated announced categories venue status comment journal_ref doi "
    "arxiv_id page_url pdf_url code_url keywords tldr n_citations"
)
NAMES = _LOOSE_NAMES.split()


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, loose)))
def test_any_values_make_a_record_or_name_a_field(values: dict[str, Any]) -> None:
    try:
        made = make_record(**values)
    except BadField:
        return
    assert isinstance(made, Record)
    assert made.title
    assert 0 < len(made.key) <= 200
    assert made.announced is None or isinstance(made.announced, date)
