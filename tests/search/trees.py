"""Short forms of syntax trees for tests: ``all_of("graph", title("neural"))`` is like the query."""

from __future__ import annotations

from datetime import date

from search.language.query import And, Everything, Node, Not, Or, Range, Term

# The reader's today in every test of dates: a Saturday.
NOW = date(2024, 6, 15)


def word(text: str) -> Term:
    return Term(text)


def title(text: str) -> Term:
    return Term(text, "title")


def all_of(*nodes: Node | str) -> And:
    return And(tuple(Term(node) if isinstance(node, str) else node for node in nodes))


def any_of(*nodes: Node | str) -> Or:
    return Or(tuple(Term(node) if isinstance(node, str) else node for node in nodes))


def without(node: Node | str) -> Not:
    return Not(Term(node) if isinstance(node, str) else node)


def all_but(*nodes: Node | str) -> And:
    """A purely negative query."""
    return And((Everything(), *(without(node) for node in nodes)))


def years(first: int | None, last: int | None) -> Range:
    return Range("year", date(first, 1, 1) if first else None, date(last, 12, 31) if last else None)


def days(first: str | None, last: str | None, *, field: str = "date", relative: str = "") -> Range:
    start, end = (date.fromisoformat(day) if day else None for day in (first, last))
    return Range(field, start, end, relative)
