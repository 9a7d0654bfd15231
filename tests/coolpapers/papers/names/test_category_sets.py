from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.names.category_sets import (
    MAX_CODES,
    CategorySet,
    Step,
    TooManyCategories,
    UnknownCategory,
    parse_category_set,
)
from search.vocabulary.categories import ARCHIVES, CATEGORY_NAMES

KNOWN = [*CATEGORY_NAMES, *ARCHIVES]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("cs.AI", "cs.AI"),
        ("cs.AI,cs.CL", "cs.AI,cs.CL"),
        ("cs.AI+cs.CL", "cs.AI,cs.CL"),
        ("cs.AI cs.CL", "cs.AI,cs.CL"),
        ("cs.AI+cs.LG-cs.CY", "cs.AI,cs.LG-cs.CY"),
        ("cond-mat.str-el", "cond-mat.str-el"),
        ("cond-mat.str-el-hep-th", "cond-mat.str-el-hep-th"),
        ("math-math-ph", "math-math-ph"),
        ("math-ph", "math-ph"),
        ("cs.ai", "cs.AI"),
        ("cs", "cs"),
        ("cs.*", "cs"),
        ("cs.NA", "math.NA"),
        ("cs.AI,cs.AI", "cs.AI"),
        ("-cs.CY", "all-cs.CY"),
        (",,", "all"),
    ],
)
def test_an_address_is_read_into_a_set(text: str, canonical: str) -> None:
    assert str(parse_category_set(text, known=KNOWN)) == canonical


def test_order_is_kept_where_something_is_taken_away() -> None:
    read = parse_category_set("cs.AI-cs.LG,cs.AI", known=KNOWN)
    assert read.steps == (Step("cs.AI"), Step("cs.LG", is_minus=True), Step("cs.AI"))


@pytest.mark.parametrize(("text", "code"), [("cs.XX", "cs.XX"), ("cs.AI,nonsense", "nonsense"), ("cs.AI-", "cs.AI-")])
def test_an_unknown_category_is_named(text: str, code: str) -> None:
    with pytest.raises(UnknownCategory) as caught:
        parse_category_set(text, known=KNOWN)
    assert caught.value.code == code


def test_an_absurdly_long_address_is_refused() -> None:
    with pytest.raises(TooManyCategories):
        parse_category_set(",".join(["cs.AI"] * (MAX_CODES + 1)), known=KNOWN)
    with pytest.raises(TooManyCategories):
        parse_category_set("-".join(["cs.AI"] * 1000), known=KNOWN)


steps = st.lists(st.builds(Step, st.sampled_from(sorted(KNOWN)), st.booleans()), min_size=1, max_size=8)


@given(steps)
def test_the_canonical_form_reads_back_as_the_same_set(found: list[Step]) -> None:
    once = parse_category_set(str(CategorySet(tuple(found))), known=KNOWN)
    assert parse_category_set(str(once), known=KNOWN) == once


@given(st.text(max_size=60))
def test_any_text_is_a_set_or_a_named_error(text: str) -> None:
    with contextlib.suppress(UnknownCategory, TooManyCategories):
        assert parse_category_set(text, known=KNOWN).steps
