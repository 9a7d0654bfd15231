from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text.analysis import (
    MAX_TOKEN_CHARS,
    Token,
    accented_words,
    count_terms,
    fold,
    index_folded,
    index_text,
    is_plain_word,
    lower,
    query_tokens,
    stem,
    tokenize,
)

# Any Unicode, and texts as papers have them.
_WRITTEN = r"""Non-invasive $X(3872)$ Schrödinger's C++ C# it's “quoted” d'Alembert \alpha \left( α-divergence 深度学习
猫 model İstanbul L² ﬁnite 10.5 x_i \frac{a}{b} don’t 한국어 のモデル … – 2024 ß Ångström 'single'"""
PIECES = [*_WRITTEN.split(), "n\u00adon", "e\u0301a", "a\u00a0b", "\ud800", "\ufdfa"]
TEXTS = st.one_of(
    st.text(st.characters(), max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
)


def texts(text: str) -> list[str]:
    return [token.text for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Non-invasive networks", ["non", "invas", "network"]),
        ("state_of_the.art/world", ["state", "of", "the", "art", "world"]),
        ("Schrödinger's cat", ["schroding", "cat"]),
        ("Schrödinger’s cat", ["schroding", "cat"]),
        ("d'Alembert's l’Hôpital", ["d", "alembert", "l", "hopit"]),
        ("X(3872)", ["x", "3872"]),
        ("$k$-means of $L^2$", ["k", "mean", "of", "l", "2"]),
        (r"$\alpha_s$ and $\left(\mathcal{N}\right)$", [r"\alpha", "s", "and", "n"]),
        (r"\alpha\beta", [r"\alpha", r"\beta"]),
        ("α and the αβ", [r"\alpha", "and", "the", "αβ"]),
        ("C++ and C# in c++17", ["c++", "and", "c#", "in", "c++", "17"]),
        ("深度学习", ["深度", "度学", "学习", "习"]),
        ("用BERT的模型", ["用", "bert", "的模", "模型", "型"]),
        ("猫", ["猫"]),
        ("Łódź Ångström Straße Þórr", ["lodz", "angstrom", "strass", "thorr"]),
        ("ﬁnite", ["finit"]),
        ("n\u00adon e\u0301t\u0301a", ["non", "eta"]),
        ("İstanbul", ["istanbul"]),
        ("", []),
        ("!?… – — “ ”", []),
        ("\ud800", []),
    ],
)
def test_which_tokens_are_content_words(text: str, tokens: list[str]) -> None:
    assert texts(text) == tokens


def test_a_token_has_its_forms_and_offsets() -> None:
    assert tokenize("The Schrödinger's") == [
        Token("the", "the", "the", 0, 3),
        Token("schroding", "schrodinger", "schrödinger", 4, 15),
    ]


def test_composed_and_decomposed_accents_are_one_form() -> None:
    assert tokenize("e\u0301")[0].exact == tokenize("é")[0].exact == "é"


@pytest.mark.parametrize(("word", "stemmed"), [("networks", "network"), ("training", "train"), ("3872", "3872")])
def test_stems_are_english(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


@pytest.mark.parametrize(("word", "folded"), [("díaz", "diaz"), ("ascii", "ascii"), ("øœß", "ooess"), ("が", "か")])
def test_folding_leaves_ascii_letters(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_a_query_ends_with_a_pair_of_characters_not_with_the_last_one_alone() -> None:
    assert [token.text for token in query_tokens("深度学习")] == ["深度", "度学", "学习"]
    assert [token.text for token in query_tokens("学")] == ["学"]
    assert [token.text for token in query_tokens("深度 model")] == ["深度", "度", "model"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [("word", 1), ("non-invasive", 2), ("&", 1), ("大语言模型", 4), ("a b c", 3), ("X(3872)", 2)],
)
def test_a_word_counts_as_many_terms_as_an_engine_looks_for(text: str, terms: int) -> None:
    assert count_terms(text) == terms


@given(st.from_regex(r"[A-Za-z]{1,100}", fullmatch=True))
def test_a_plain_word_is_one_token(text: str) -> None:
    assert is_plain_word(text)
    assert [token.exact for token in query_tokens(text)] == [text.lower()[:MAX_TOKEN_CHARS]]


@pytest.mark.parametrize("text", ["", "C++", "it's", "naïve", "3872", "two words", "深度", "\\alpha", "A*"])
def test_a_text_with_other_characters_is_not_a_plain_word(text: str) -> None:
    assert not is_plain_word(text)


def test_the_exact_stream_has_each_content_word_once_unstemmed_and_with_its_accent() -> None:
    main, exact = index_text("The Schrödinger networks and the networks of Schrodinger, 深度")
    assert main.split() == ["the", "schroding", "network", "and", "the", "network", "of", "schroding", "深度", "度"]
    assert sorted(exact.split()) == ["networks", "schrodinger", "schrodinger", "schrödinger"]


def test_names_are_folded_and_not_stemmed() -> None:
    assert index_folded("María Díaz Williams").split() == ["maria", "diaz", "williams"]
    assert list(accented_words("María Diaz")) == ["maría"]
    assert list(accented_words("Maria Diaz")) == []


def test_a_very_long_word_is_cut() -> None:
    assert texts("a" * 1_000) == ["a" * MAX_TOKEN_CHARS]
    assert max(map(len, index_text("\ufdfa" * 1_000)[0].split())) <= MAX_TOKEN_CHARS


@given(TEXTS)
def test_the_fast_path_gives_the_tokens_of_the_slow_one(text: str) -> None:
    tokens = tokenize(text)
    main, exact = index_text(text)
    assert main.split() == [token.text for token in tokens]
    assert index_folded(text).split() == [token.folded for token in tokens]
    expected = {form for t in tokens if not (t.is_stop_word or t.is_unspaced) for form in (t.folded, t.exact)}
    assert set(exact.split()) == expected


@given(TEXTS)
def test_offsets_are_those_of_the_text(text: str) -> None:
    assert len(lower(text)) == len(text)
    for token in tokenize(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.text
        assert not any(char.isspace() for char in f"{token.text}{token.folded}{token.exact}")


@given(TEXTS)
def test_a_text_finds_itself(text: str) -> None:
    """Every token of a query is among the tokens of the same text."""
    assert {token.text for token in query_tokens(text)} <= set(index_text(text)[0].split())
