"""``docs/query-language.md``: every query in it parses as it says, and the last table finds what it says."""

from __future__ import annotations

import re
from datetime import date

import pytest

from search.engines.documents import Document
from search.engines.memory import MemoryBackend
from search.engines.results import Request
from search.errors import QuerySyntaxError
from search.language.fields import FIELDS
from search.language.parser import parse_query
from tests.house.source import ROOT
from tests.search.make import make_document

PAGE = (ROOT / "docs/query-language.md").read_text(encoding="utf-8")
CODE = re.compile(r"`([^`]+)`")


def section(name: str) -> str:
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the body rows of all tables in a text."""
    lines = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line] for line in lines]
    heads = {n for n, line in enumerate(cells) if n + 1 < len(cells) and cells[n + 1][0].startswith("---")}
    return [line for n, line in enumerate(cells) if n not in heads and not line[0].startswith("---")]


GOOD = [query for name in ("Words", "Combining", "Fields", "Authors", "Dates") for query in CODE.findall(section(name))]
BAD = [(CODE.findall(query)[0], message) for query, message in rows(section("What does not parse"))]
PAPERS, FOUND = (
    [row for row in rows(section("Try it")) if row[0].isdigit()],
    [row for row in rows(section("Try it")) if not row[0].isdigit()],
)


def library() -> MemoryBackend:
    def document(number: str, title: str, authors: str, year: str, category: str) -> Document:
        return make_document(
            number, title=title, authors=authors.split("; "), day=date(int(year), 7, 1), categories=[category]
        )

    backend = MemoryBackend()
    backend.rebuild((document(*row) for row in PAPERS), revision=1)
    return backend


@pytest.mark.parametrize("query", GOOD)
def test_an_example_parses(query: str) -> None:
    parse_query(query)


@pytest.mark.parametrize(("query", "message"), BAD)
def test_what_does_not_parse_says_so(query: str, message: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(query)
    assert caught.value.message == message


@pytest.mark.parametrize(("query", "numbers"), FOUND)
def test_the_examples_find_these_papers(query: str, numbers: str) -> None:
    hits = library().search(parse_query(query.strip("`")).root, Request()).hits
    assert sorted(hit.key for hit in hits) == numbers.split()


def test_the_page_names_every_field() -> None:
    named = {FIELDS[name].name for name in re.findall(r"`([A-Za-z]+)[:>]", PAGE) if name in FIELDS}
    assert named == {field.name for field in FIELDS.values()}


def test_tables_were_found() -> None:
    assert len(GOOD) > 80
    assert len(BAD) == 8
    assert len(PAPERS) == 8
    assert len(FOUND) > 25
