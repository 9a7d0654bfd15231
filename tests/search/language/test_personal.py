from __future__ import annotations

from search.language.personal import flag_name, flag_of, personal_flags
from search.language.query import Flag, Term


def test_flags_of_a_query_are_named_once_in_its_order() -> None:
    query = 'graph is:starred (in:"Reading group" OR note:todo) -is:hidden NOT is:starred note:"ask Ada" has:code'
    expected = ["is:starred", "in:Reading group", "note:todo", "is:hidden", "note:ask Ada"]
    assert personal_flags(query) == expected


def test_an_ordinary_query_has_no_personal_flags() -> None:
    assert personal_flags("graph has:code ti:note") == []


def test_a_query_that_does_not_parse_is_read_as_plain_words() -> None:
    assert personal_flags('is:starred "') in ([], ["is:starred"])


def test_flags_that_engines_index_are_not_personal() -> None:
    assert flag_of(Flag("has", "pdf")) is None
    assert flag_of(Term("todo", "title")) is None
    assert flag_of(Term("todo", "note")) == Flag("note", "todo")
    assert flag_name(Flag("in", "Reading group")) == "in:Reading group"
