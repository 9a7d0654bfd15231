from __future__ import annotations

import pytest

from search.errors import QuerySyntaxError
from search.language.fields import DEFAULT, FIELDS
from search.language.leaves import only_date, read_category, read_exact, read_value, read_venue, without_tex_accents
from search.language.query import And, Exact, Fuzzy, Node, Or, Phrase, Prefix, Term
from tests.search.trees import NOW, any_of, years


def value(text: str, field: str | None = None, *, is_phrase: bool = False) -> Node | None:
    chosen = FIELDS[field] if field else DEFAULT
    return read_value(chosen, text, is_phrase=is_phrase, position=0, now=NOW, notes=[])


@pytest.mark.parametrize("text", ["", "&", "…", "++", "**", "~~", "\\left", "--"])
def test_a_text_without_tokens_has_no_leaf(text: str) -> None:
    assert value(text) is None
    assert value(text, is_phrase=True) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab*", Prefix("ab")),
        ("ab**", Prefix("ab")),
        ("a*", Term("a*")),
        ("pre-t*", Term("pre-t*")),
        ("pre-tr*", Prefix("pre-tr")),
        ("注*", Prefix("注")),
        ("fo*o", Term("fo*o")),
        ("abc~", Fuzzy("abc")),
        ("abc~2", Fuzzy("abc", distance=2)),
        ("abc~9", Fuzzy("abc", distance=2)),
        ("abc~0.8", Term("abc")),
        ("ab~", Term("ab~")),
        ("v2~1", Term("v2~1")),
        ("pre-trainng~", Fuzzy("pre-trainng")),
        ("k-meens~", Term("k-meens~")),  # every letter is within one edit of k
        ("2017,", any_of("2017,", years(2017, 2017))),
        ("1024", Term("1024")),
    ],
)
def test_stars_tildes_and_years(text: str, expected: Node) -> None:
    assert value(text) == expected


def test_wildcards_in_a_phrase_are_words() -> None:
    assert value("neural net*", is_phrase=True) == Phrase("neural net*")


def test_underscores_in_an_author_prefix_become_spaces() -> None:
    assert value("del_maest*", "au") == Prefix("del maest", "author")


@pytest.mark.parametrize(
    ("text", "expected"),
    [('Schr\\"odinger', "Schrödinger"), ("Erd\\H{o}s", "Erdős"), ("\\alpha", "\\alpha"), ("plain", "plain")],
)
def test_accents_of_tex_become_letters(text: str, expected: str) -> None:
    assert without_tex_accents(text) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("cs.AI", Exact("category", "cs.AI")),
        ("CS.ai", Exact("category", "cs.AI")),
        ("HEP-TH", Exact("category", "hep-th")),
        ("cs.SY", Exact("category", "eess.SY")),
        ("math.MP", Exact("category", "math-ph")),
        ("My Shelf", Exact("category", "My Shelf")),
    ],
)
def test_a_category_is_spelt_as_arxiv_does_and_folded(code: str, expected: Exact) -> None:
    assert read_category(code, is_prefix=False) == expected


def test_a_category_prefix_includes_categories_listed_under_aliases() -> None:
    assert read_category("cs.n", is_prefix=True) == Or(
        (Exact("category", "cs.N", is_prefix=True), Exact("category", "math.NA"))
    )


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("id", "2406.01234v3", Exact("id", "2406.01234")),
        ("id", "https://arxiv.org/abs/2406.01234", Exact("id", "2406.01234")),
        ("id", "P19-1001", Exact("id", "p19-1001")),
        ("id", "abc*", Exact("id", "abc", is_prefix=True)),
        ("doi", "10.48550/arXiv.2406.01234", Exact("id", "2406.01234")),
        ("doi", "10.1000/A,B", Exact("doi", "10.1000/a,b")),
        ("exactauthor", " Wang,  Wei ", Exact("exactauthor", "Wang, Wei")),
        ("exactauthor", "10.1000/A", Exact("exactauthor", "10.1000/A")),
        ("id", "&", None),
    ],
)
def test_identifiers_are_folded_to_one_form(name: str, text: str, expected: Node | None) -> None:
    assert read_exact(name, text) == expected


def test_a_venue_with_a_year_is_that_year_of_it() -> None:
    venue_and_year = And((Term("ICLR", "venue"), Term("2025", "venue")))
    assert read_venue("ICLR.2025") == read_venue("ICLR 2025") == venue_and_year
    assert read_venue("Neural Computation") == Phrase("Neural Computation", "venue")
    assert read_venue("ICLR2025") == Term("ICLR2025", "venue")


def test_only_a_bare_date_is_a_date_alone() -> None:
    assert only_date(any_of("2017", years(2017, 2017))) == years(2017, 2017)
    assert only_date(any_of("2017", years(2018, 2018))) is None
    assert only_date(Term("2017")) is None


def test_an_unknown_flag_value_lists_the_valid_ones() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        value("nothing", "has")
    assert "has:summary, has:code, has:pdf" in caught.value.cure
