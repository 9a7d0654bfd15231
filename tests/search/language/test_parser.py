"""The query language; its examples, which read as its documentation, are in ``examples.py``."""

from __future__ import annotations

from urllib.parse import unquote_plus

import pytest
from hypothesis import given, settings

from search.engines.compiling import compile_query
from search.errors import QuerySyntaxError, QueryTooLarge
from search.language.parser import parse_leniently, parse_plain, parse_query
from search.language.query import MAX_CHARACTERS, MAX_NESTING, MAX_TERMS, And, Exact, Node, Not, Or, Phrase, Term, walk
from tests.search.examples import ARXIV, AUTHORS, CJK, DATES, ERRORS, EXACT, FIELDS, OPERATORS, QUERIES, WORDS
from tests.search.trees import NOW, all_of, word


def tree(text: str) -> Node:
    return parse_query(text, now=NOW).root


@pytest.mark.parametrize(("query", "expected"), WORDS + OPERATORS + FIELDS + EXACT + CJK)
def test_a_query_parses_to_its_tree(query: str, expected: Node) -> None:
    assert tree(query) == expected


@pytest.mark.parametrize(("query", "expected"), AUTHORS + DATES)
def test_names_and_dates_parse_to_their_tree(query: str, expected: Node) -> None:
    assert tree(query) == expected


@pytest.mark.parametrize(("query", "expected"), ARXIV)
def test_queries_of_arxiv_s_api_mean_the_same_here(query: str, expected: Node) -> None:
    assert tree(unquote_plus(query)) == expected
    if "%" not in query:
        assert tree(query) == expected  # also if the query was not decoded


def test_an_archive_includes_its_classes_and_their_aliases() -> None:
    archive = tree("cat:cs")
    assert archive == tree("cat:cs.*") == tree("cat:CS")
    assert isinstance(archive, Or)
    assert set(archive.children) == {
        Exact("category", "cs"),
        Exact("category", "cs.", is_prefix=True),
        Exact("category", "eess.SY"),
        Exact("category", "math.NA"),
    }


@pytest.mark.parametrize(("query", "position", "message"), ERRORS)
def test_an_error_says_what_where_and_what_to_do(query: str, position: int, message: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(query, now=NOW)
    assert caught.value.position == position
    assert message in caught.value.message
    assert caught.value.cure


@pytest.mark.parametrize("query", [query for query, _position, _message in ERRORS])
def test_a_page_searches_a_broken_query_as_plain_words_with_a_note(query: str) -> None:
    parsed = parse_leniently(query, now=NOW)
    assert parsed.notes[0].startswith("Searched as plain words.")
    assert not any(isinstance(node, Or | Not | Phrase) for node in walk(parsed.root))
    if "graph" in query:
        assert word("graph") in list(walk(parsed.root))


def test_the_note_counts_characters_from_one() -> None:
    assert "(character 7)" in parse_leniently('graph "neural').notes[0]


def test_plain_words_lose_operators_fields_and_wildcards() -> None:
    query = parse_plain('ti:graph AND (neural* -au:Hinton_G "year:2024 transfomer~2')
    assert query.root == all_of("graph", "neural", "Hinton_G", "transfomer")


def test_reversed_ranges_are_noted() -> None:
    query = parse_query("graph year:2021..2019", now=NOW)
    assert query.notes == ("The range 2021..2019 ends before it starts; its ends were swapped.",)


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("titel:graph", "Did you mean title:?"),
        ("graph~5", "graph~2 was searched"),
        ("&", "contains no word"),
    ],
)
def test_a_query_that_was_read_otherwise_than_typed_has_a_note(query: str, note: str) -> None:
    assert note in " ".join(parse_query(query, now=NOW).notes)


def test_report_numbers_have_a_field() -> None:
    query = parse_query("rn:CERN", now=NOW)
    assert (query.root, query.notes) == (Term("CERN", "report"), ())


@pytest.mark.parametrize(
    "query",
    [
        "Topic: modelling of text",
        "https://arxiv.org/abs/1706.03762",
        "Co:ZnO",
        "12:30",
        "acl:Q15-1022",
        "std::vector",
        "a:b",
        "ti:graph",
    ],
)
def test_words_that_are_not_meant_as_fields_have_no_note(query: str) -> None:
    assert parse_query(query, now=NOW).notes == ()


def test_the_words_of_an_unknown_field_are_searched_as_text() -> None:
    assert parse_query("autor:hinton", now=NOW).root == word("autor:hinton")


# ---- guards -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        " ".join(["word"] * (MAX_TERMS + 1)),
        "word " * 10_000,
        "-".join(["word"] * (MAX_TERMS + 1)),
        "字" * (MAX_TERMS + 2),
        " OR ".join(f"year:{year}" for year in range(1000, 1000 + MAX_TERMS + 1)),
        "(" * (MAX_NESTING + 1) + "word" + ")" * (MAX_NESTING + 1),
        "(" * 10_000,
        "(" * 10_000 + "a" + ")" * 10_000,
        "a OR b (" * 31 + "c" + ")" * 31,
    ],
)
def test_a_too_large_query_is_refused_by_strict_parsing_only(query: str) -> None:
    with pytest.raises(QueryTooLarge):
        parse_query(query, now=NOW)
    compile_query(parse_leniently(query, now=NOW))


def test_queries_at_the_limits_parse() -> None:
    assert len(list(walk(tree(" ".join(["word"] * MAX_TERMS))))) == MAX_TERMS + 1
    assert tree("(" * MAX_NESTING + "word" + ")" * MAX_NESTING) == word("word")


def test_a_long_query_is_trimmed_with_its_operators_and_a_note() -> None:
    query = parse_leniently("cat:cs.CL AND (" + " OR ".join(f"w{n}" for n in range(400)) + ")", now=NOW)
    assert isinstance(query.root, And)
    assert query.root.children[0] == Exact("category", "cs.CL")
    alternatives = query.root.children[1]
    assert isinstance(alternatives, Or)
    assert len(alternatives.children) == MAX_TERMS - 2  # cs.CL counts as two
    assert query.notes == ("The query is long: only its first 256 words were searched.",)


def test_a_long_chinese_word_is_cut_at_the_limit() -> None:
    assert parse_leniently("字" * 1000, now=NOW).root == word("字" * (MAX_TERMS + 1))
    assert parse_leniently("(" + "字" * 1000, now=NOW).root == word("字" * (MAX_TERMS + 1))


def test_more_characters_than_the_guard_allows_are_refused_or_left_out() -> None:
    query = " " * MAX_CHARACTERS + "word"
    with pytest.raises(QueryTooLarge):
        parse_query(query)
    assert "first 256 words" in parse_leniently(query).notes[-1]


@pytest.mark.parametrize(
    "query",
    [
        "NOT " * 10_000 + "a",
        "-" * 10_000 + "a",
        "ti:" * 10_000 + "a",
        "a" * 100_000,
        "~" * 50_000 + "x",
        "a()" * 30_000,
    ],
)
def test_long_chains_are_parsed_fast_without_recursion(query: str) -> None:
    parse_leniently(query, now=NOW)


# ---- any bytes at all -------------------------------------------------------------------------------


@settings(max_examples=400)
@given(QUERIES)
def test_any_text_parses_or_gives_the_documented_errors(text: str) -> None:
    error: Exception | None = None
    try:
        query = parse_query(text, now=NOW)
        compile_query(query)
        query.text.encode()
    except (QuerySyntaxError, QueryTooLarge) as exc:
        error = exc
    if isinstance(error, QuerySyntaxError):
        assert 0 <= error.position <= len(text)
        assert error.cure


@settings(max_examples=400)
@given(QUERIES)
def test_lenient_parsing_never_fails_and_its_text_can_be_shown_and_searched(text: str) -> None:
    for query in (parse_leniently(text, now=NOW), parse_plain(text)):
        compile_query(query)
        assert "\x00" not in query.text
        "".join((query.text, *query.notes)).encode()
