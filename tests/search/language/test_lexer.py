from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import QuerySyntaxError
from search.language.lexer import Scanner, TokenKind, clean_text, read_tokens


class SlowScanner(Scanner):
    """Reads every word character by character, without the fast path."""

    def _plain_word(self) -> bool:
        return False


def kinds_and_texts(text: str) -> list[tuple[str, str]]:
    return [(token.kind.value, token.text) for token in read_tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", [("word", "a"), ("word", "b")]),
        ('a"b c"d', [("word", "a"), ("phrase", "b c"), ("word", "d")]),
        ('"a b"~3 c', [("phrase", "a b"), ("word", "c")]),
        ("«a “b", [("phrase", "a "), ("word", "b")]),
        ("-a", [("NOT", "-"), ("word", "a")]),
        ("(-a)", [("(", "("), ("NOT", "-"), ("word", "a"), (")", ")")]),
        ("a-b - c -- d --e", [("word", "a-b"), ("word", "c"), ("word", "d"), ("word", "e")]),
        ("AND NOTHING", [("AND", "AND"), ("word", "NOTHING")]),
        ("ti:AND", [("field", "ti"), ("word", "AND")]),
        ("ti:au:x", [("field", "ti"), ("field", "au"), ("word", "x")]),
        ("ti: x", [("field", "ti"), ("word", "x")]),
        ("note: x in: y", [("word", "note"), ("word", "x"), ("word", "in"), ("word", "y")]),
        ("f(x)(y) (z)", [("word", "f(x)(y)"), ("(", "("), ("word", "z"), (")", ")")]),
        ("f(x y)", [("word", "f"), ("(", "("), ("word", "x"), ("word", "y"), (")", ")")]),
        ("ti:(x)", [("field", "ti"), ("(", "("), ("word", "x"), (")", ")")]),
        ("NOT(x)", [("NOT", "NOT"), ("(", "("), ("word", "x"), (")", ")")]),
        ("注意（力）", [("word", "注意"), ("(", "（"), ("word", "力"), (")", "）")]),
        ('Schr\\"odinger', [("word", 'Schr\\"odinger')]),
        ('"Schr\\"odinger cat"', [("phrase", 'Schr\\"odinger cat')]),
        ("year>=2020", [("field", "year"), ("word", ">=2020")]),
        ("year <= 2020", [("field", "year"), ("word", "<= 2020")]),
        ("year >x", [("word", "year"), ("word", ">x")]),
        ("date:[a TO b] c", [("field", "date"), ("word", "[a TO b]"), ("word", "c")]),
    ],
)
def test_a_text_has_its_tokens(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds_and_texts(text) == expected


@given(st.text(alphabet="ab é深\t>2:(\"-'", max_size=12).map(lambda text: f"year {text} AND ti:OR {text} date >= 1"))
def test_the_fast_path_for_letters_agrees_with_the_slow_one(text: str) -> None:
    if text.count('"') % 2:
        text += '"'
    assert read_tokens(text) == SlowScanner(text).scan()


def test_positions_count_characters() -> None:
    assert [token.position for token in read_tokens('ab  ti:(c "d e") OR f')] == [0, 4, 7, 8, 10, 15, 17, 20]


@pytest.mark.parametrize(("text", "position"), [('a "b', 2), ("”", 0), ("a year:[2020", 7)])
def test_an_unclosed_quote_or_bracket_is_an_error_at_its_position(text: str, position: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        read_tokens(text)
    assert caught.value.position == position


def test_cleaning_keeps_the_length_and_replaces_unstorable_characters() -> None:
    dirty = "a\ud800b\x00c\x85d\u200be\tf\ng"
    clean = clean_text(dirty)
    assert clean == "a\ufffdb c d e\tf\ng"
    assert len(clean) == len(dirty)


def test_plus_signs_of_an_api_address_are_spaces() -> None:
    assert clean_text("au:x+ANDNOT+ti:y") == "au:x ANDNOT ti:y"
    assert clean_text("C++ AND g++") == "C++ AND g++"


def test_a_field_name_alone_is_a_word() -> None:
    assert kinds_and_texts("a notes: b") == [("word", "a"), ("word", "notes"), ("word", "b")]
    assert read_tokens("year: x")[0].kind is TokenKind.WORD
