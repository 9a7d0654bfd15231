from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.records.merging import Described, fold, merge_contents, merge_versions, succeed
from coolpapers.papers.records.record import Version, content_of
from tests.coolpapers.papers.make import record


def content(**fields: Any) -> dict[str, Any]:
    return content_of(record(**{"title": "One title for all of them", **fields}))


def test_versions_of_several_sources_are_told_once() -> None:
    arxiv = [Version(1, date(2024, 1, 1)), Version(2, date(2024, 2, 1))]
    assert merge_versions([arxiv, [Version(1), Version(3)]]) == [*arxiv, Version(3)]


def test_text_comes_from_arxiv_and_place_from_the_proceedings() -> None:
    merged = merge_contents(
        [
            Described(
                "acl:1", "acl", content(abstract="plain", venue="ACL 2024", year=2024, doi="10.1000/1", keywords=["k"])
            ),
            Described(
                "arxiv:2401.00001",
                "arxiv",
                content(abstract="$x$", year=2023, submitted="2023-01-01", updated="2023-05-01", categories=["cs.CL"]),
            ),
            Described("mine", "file", content(abstract="mine", updated="2023-06-01", n_citations=4, tldr="short")),
        ]
    )
    assert merged["abstract"] == "$x$"
    assert (merged["venue_slug"], merged["venue_year"], merged["year"]) == ("ACL", 2024, 2024)
    assert merged["doi"] == "10.1000/1"
    assert (merged["submitted"], merged["updated"]) == (date(2023, 1, 1), date(2023, 6, 1))
    assert (merged["categories"], merged["keywords"]) == (["cs.CL"], ["k"])
    assert (merged["n_citations"], merged["tldr"]) == (4, "short")


def test_an_abstract_of_the_authors_is_preferred_to_a_labelled_one() -> None:
    ours = content(abstract="in other words", abstract_label="Written for this library")
    theirs = content(abstract="their words")
    merged = merge_contents([Described("arxiv:2401.00001", "arxiv", ours), Described("x", "file", theirs)])
    assert (merged["abstract"], merged["abstract_label"]) == ("their words", "")


def test_a_work_is_withdrawn_when_all_its_records_are() -> None:
    gone, here = content(withdrawn=True), content()
    assert merge_contents([Described("a", "openreview", gone), Described("b", "arxiv", here)])["withdrawn"] is False
    assert merge_contents([Described("a", "openreview", gone), Described("b", "arxiv", gone)])["withdrawn"] is True


def test_a_record_met_again_changes_text_and_keeps_what_it_leaves_out() -> None:
    old = content(abstract="v1", comment="12 pages", announced="2024-01-02", updated="2024-01-01")
    new = content(abstract="v2", announced="2024-03-02", updated="2024-03-01")
    result = succeed(old, new)
    assert (result["abstract"], result["comment"]) == ("v2", "12 pages")
    assert result["announced"] == date(2024, 1, 2)


def test_an_earlier_state_only_fills_what_is_empty() -> None:
    old = content(abstract="v2", updated="2024-03-01")
    result = succeed(old, content(abstract="v1", comment="12 pages", updated="2024-01-01"))
    assert (result["abstract"], result["comment"], result["updated"]) == ("v2", "12 pages", date(2024, 3, 1))


def test_a_labelled_abstract_never_takes_the_place_of_the_authors_own() -> None:
    result = succeed(content(abstract="own"), content(abstract="ours", abstract_label="label"))
    assert (result["abstract"], result["abstract_label"]) == ("own", "")
    result = succeed(content(abstract="ours", abstract_label="label"), content(abstract="own"))
    assert (result["abstract"], result["abstract_label"]) == ("own", "")


values = st.fixed_dictionaries(
    {
        "abstract": st.sampled_from(["", "a", "b"]),
        "year": st.sampled_from([None, 2020, 2021]),
        "venue": st.sampled_from(["", "ICLR 2020", "ACL 2021"]),
        "updated": st.sampled_from([None, "2020-01-01", "2021-01-01"]),
        "keywords": st.lists(st.sampled_from("xyz"), max_size=2),
        "n_citations": st.sampled_from([None, 1, 2]),
        "withdrawn": st.booleans(),
    }
)


@given(st.lists(st.tuples(values, st.sampled_from(["arxiv", "acl", "file"])), min_size=1, max_size=4), st.randoms())
def test_the_order_of_records_does_not_matter(parts: list[tuple[dict[str, Any], str]], random: Any) -> None:
    described = [Described(f"k{n}", source, content(**fields)) for n, (fields, source) in enumerate(parts)]
    merged = merge_contents(described)
    random.shuffle(described)
    assert merge_contents(described) == merged


@given(values)
def test_a_record_that_succeeds_itself_stays_the_same(fields: dict[str, Any]) -> None:
    made = content(**fields)
    assert succeed(made, made) == made


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
