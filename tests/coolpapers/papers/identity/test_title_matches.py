from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.identity.title_matches import TitleMatch, compare_titles

CASES = [
    (TitleMatch.EQUAL, "Parsing: A View", "Parsing, a view"),
    (TitleMatch.NEAR, "A Behaviour Model for Analysing Colours", "The Behavior Model of Analyzing Color"),
    (TitleMatch.NEAR, "Solving Scarcity with a Conversation", "Solving scarcity with conversations"),
    (TitleMatch.NEAR, "Flows of homogeneous grain in long, dry tubes", "Flows of homogenous grain in long, dry tubes"),
    (TitleMatch.NEAR, "Flows of homogeneous grain in long, dry tubes", "Flows of homoegneous grain in long, dry tubes"),
    (TitleMatch.VARIANT, "BERT: Pre-training of Deep Transformers", "Pre-training of deep transformers"),
    (TitleMatch.LIKE, "A large dataset for zero-shot detection", "A large dataset for English zero-shot detection"),
    (TitleMatch.RELATED, "Rationale reduction by principled criteria", "Rationale reduction for efficient reasoning"),
    (TitleMatch.SIGNS, "Measurement of the W+ boson", "Measurement of the W- boson"),
    (TitleMatch.SIGNS, "Learning C++ by example", "Learning C# by example"),
    (TitleMatch.SIGNS, "Systems with critical exponents, Part I", "Systems with critical exponents, Part II"),
    (TitleMatch.SIGNS, "Systems with critical exponents", "Systems with critical exponents (Part II)"),
    (TitleMatch.SIGNS, "Scattering for the wave equation", "Scattering for the 3D wave equation"),
    (TitleMatch.SIGNS, "Polish-English translation for IWSLT 2013", "Polish-English translation for IWSLT 2014"),
    (TitleMatch.SIGNS, "A Guide to Parsing, second edition", "A Guide to Parsing, third edition"),
    (TitleMatch.SIGNS, "Systems with critical exponents, Part A", "Systems with critical exponents, Part B"),
    (TitleMatch.SIGNS, "Lectures on parsing (continued)", "Lectures on parsing"),
    (TitleMatch.RELATED, "A work that is met twice", "A work that is met in two places"),
    (TitleMatch.NEAR, "Gödel's proof of it", "Goedel's proof of it"),
    (TitleMatch.OTHER, "A path planning method by caging", "Weakly coupled systems of equations"),
]  # fmt: skip


@pytest.mark.parametrize(("match", "one", "other"), CASES)
def test_titles_are_alike_by_degrees(match: TitleMatch, one: str, other: str) -> None:
    assert compare_titles(one, other) is match
    assert compare_titles(other, one) is match


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Properties of symmetric operators on graphs", "Properties of asymmetric operators on graphs"),
        ("Learning with supervised signals of language", "Learning with unsupervised signals of language"),
        ("Control of interior points of large domains", "Control of exterior points of large domains"),
        ("Learning from casual talk", "Learning from causal talk"),
    ],
)
def test_a_word_that_means_something_else_is_no_slip_of_the_pen(one: str, other: str) -> None:
    assert compare_titles(one, other) < TitleMatch.VARIANT


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_order_of_titles_does_not_matter(one: str, other: str) -> None:
    assert compare_titles(one, other) is compare_titles(other, one)
    assert compare_titles(one, one) is TitleMatch.EQUAL
