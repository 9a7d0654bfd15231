from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.identity.titles import fold_title, is_distinctive, is_short, title_words

SAME = [
    ("Attention Is All You Need!", "attention is all you need"),
    ("Étude of Tests, Part 2", "Etude of tests: part 2"),
    ("Measurement of the W+ boson", "Measurement of the $W^{+}$ boson"),
    ("Measurement of the W- boson mass", r"Measurement of the $\mathrm{W}^-$ boson mass"),
    ("Measurement of the W− boson mass", "Measurement of the W<sup>−</sup> boson mass"),
    ("Measurement of the W⁻ boson mass", "Measurement of the W– boson mass".replace("W–", "$W^–$")),
    ("Decays of $D_s^-$ mesons", "Decays of Ds- mesons"),
    (r"Flows of $\alpha$-stable type", "Flows of α-stable type"),
    (r"Bounds in $\mathbb{R}^3$", "Bounds in ℝ³"),
    (r"$\ell_2$ regression", "ℓ2 regression"),
    (r"Decay $B \to D^* \ell \nu$", "Decay B→D*lν"),
    ("The W-boson at work", "The W boson at work"),
    ("Pre-training and pre- and post-training", "Pretraining and pre and post training"),
    ("Hamilton--Jacobi equations", "Hamilton–Jacobi equations"),
    ("Scaling to 1,000 genomes", "Scaling to 1000 genomes"),
    ("Search & Rescue", "Search and rescue"),
    (r"Search \& Rescue", "Search and rescue"),
    ("[RETRACTED] Parsing of speech", "Parsing of speech"),
    ("RETRACTED ARTICLE: Parsing of speech", "Parsing of speech"),
    ("A title with a footnote*", "A title with a footnote"),
    ("ﬁnite ﬂows", "finite flows"),
    ("COVID-19 in 2020", "COVID 19 in 2020"),
    ("On (non-)offensive speech", "ON (NON-)OFFENSIVE SPEECH"),
    ("Mass of the W- boson", "MASS OF THE W- BOSON"),
    (r"The case $p \not= 2$", "The case p ≠ 2"),
    (r"Points $x \notin A$", "Points x ∉ A"),
]
OTHER = [
    ("Measurement of the W+ boson mass", "Measurement of the W- boson mass"),
    ("Measurement of the W+ boson mass", "Measurement of the W boson mass"),
    ("Learning C++ by example", "Learning C# by example"),
    ("Learning C++ by example", "Learning C by example"),
    ("On 2/3 of all graphs", "On 23 of all graphs"),
    ("Version 2.5 of it", "Version 25 of it"),
    ("Ranges of 1-2 steps", "Ranges of 12 steps"),
    ("Planning with A*", "Planning with A"),
    ("The case p = 2", "The case p > 2"),
    ("The case p = 2", "The case p ≠ 2"),
    ("Points x ∈ A", "Points x ∉ A"),
    ("The case p ≤ 2", "The case p ≥ 2"),
    ("The operator −1", "The operator 1"),
    ("Moments at -1", "Moments at 1"),
    ("On かがく", "On かかく"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_layout_does_not_count(one: str, other: str) -> None:
    assert fold_title(one) == fold_title(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_signs_digits_and_operators_count(one: str, other: str) -> None:
    assert fold_title(one) != fold_title(other)


def test_words_are_folded_one_by_one() -> None:
    assert title_words("Pre-training of C++: a $W^+$ view") == ("pretraining", "of", "c++", "a", "w+", "view")
    assert title_words("— …") == ()


@pytest.mark.parametrize("title", ["Vision", "Deep Learning", "Response", "图像识别", ""])
def test_few_words_are_a_short_title(title: str) -> None:
    assert is_short(title)


@pytest.mark.parametrize("title", ["Attention is all you need", "基于深度学习的图像识别方法研究"])
def test_many_words_are_not(title: str) -> None:
    assert not is_short(title)


def test_a_long_special_title_is_distinctive() -> None:
    assert is_distinctive("Learning to parse sentences from very few trees")
    assert is_distinctive("基于深度学习的图像识别方法研究")
    assert not is_distinctive("A survey of deep learning for natural language processing")
    assert not is_distinctive("Attention is all you need")


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=60))
def test_the_fast_way_of_plain_titles_gives_the_same_as_the_long_one(title: str) -> None:
    assert fold_title(title) == "".join(title_words(title))


@given(st.text(max_size=80))
def test_folding_twice_is_folding_once(title: str) -> None:
    folded = fold_title(title)
    assert folded == "".join(title_words(title))
