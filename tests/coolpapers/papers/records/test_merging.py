from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.records.merging import Described, Place, fold, match_key, may_merge, merge_contents, succeed
from coolpapers.papers.records.record import content_of
from tests.coolpapers.papers.make import record


def content(**fields: Any) -> dict[str, Any]:
    return content_of(record(**{"title": "One title for all of them", **fields}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Attention Is All You Need!", ["Ashish Vaswani"]), ("attention is all you need", ["A. Vaswani"])),
        (("Étude of Tests, Part 2", ["Müller, Jörg"]), ("Etude of tests part 2", ["Jorg Muller"])),
        (("A Title of Some Length", ["Sammy Davis Jr."]), ("A title of some length", ["S. Davis"])),
    ],
)
def test_spellings_of_one_work_have_one_key(one: tuple[str, list[str]], other: tuple[str, list[str]]) -> None:
    assert match_key(*one) == match_key(*other) != ""


def test_common_titles_and_missing_authors_match_nothing() -> None:
    assert match_key("Introduction", ["Ada Example"]) == ""
    assert match_key("Tests!", ["Ada Example"]) == ""
    assert match_key("A title that is long enough", []) == ""
    assert match_key("A title that is long enough", ["?"]) == ""


def test_different_first_authors_are_different_works() -> None:
    assert match_key("A title of some length", ["Ada Example"]) != match_key("A title of some length", ["Bo Example"])


ARXIV = Place("arxiv", "2401.00001", arxiv_id="2401.00001")
AT_ICRA = Place("ieee", "1", venue_slug="ICRA", venue_year=2019)


@pytest.mark.parametrize(
    ("one", "other", "allowed"),
    [
        (ARXIV, Place("acl", "P19-1001", venue_slug="ACL", venue_year=2019), True),
        (ARXIV, Place("arxiv", "2401.00002", arxiv_id="2401.00002"), False),
        (ARXIV, Place("file", "x", arxiv_id="2401.00002"), False),
        (Place("acl", "P19-1001"), Place("acl", "P19-1002"), False),
        (Place("openreview", "a"), Place("openreview", "b"), False),
        (Place("file", "a"), Place("file", "b"), True),
        (Place("file", "a", doi="10.1000/1"), Place("acl", "b", doi="10.1000/2"), False),
        (AT_ICRA, Place("pmlr", "2", venue_slug="CoRL", venue_year=2019), False),
        (AT_ICRA, Place("acl", "2", venue_slug="ICRA", venue_year=2020), False),
        (AT_ICRA, Place("acl", "2", venue_slug="ICRA"), True),
        (AT_ICRA, Place("file", "2", venue_slug="X", venue_year=1), True),
    ],
)
def test_records_that_contradict_each_other_are_two_works(one: Place, other: Place, allowed: bool) -> None:
    assert may_merge(one, other) is allowed
    assert may_merge(other, one) is allowed


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
