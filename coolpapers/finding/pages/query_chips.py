"""Conditions typed into a query, apart from its words: ``graph cat:cs.CL year:2020`` is two conditions and a word.

Start at :func:`split_query`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from search.errors import QuerySyntaxError, QueryTooLarge
from search.language.parser import parse_query
from search.language.query import And, Author, Everything, Exact, Flag, Node, Not, Or, Phrase, Prefix, Range, Term
from search.language.query import conjuncts as conjuncts_of
from search.language.unparse import unparse

# Fields of names. Those of text, such as the title, hold words that a reader looks for.
_NAME_FIELDS = frozenset({"author", "venue", "affiliation"})


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as the query language writes it, and the query without it ("" if nothing else is left)."""

    text: str
    query_without: str


def split_query(text: str) -> tuple[str, list[Condition]]:
    """The words of a query and its conditions; the text itself where it has none or does not parse."""
    try:
        root = parse_query(text).root
    except (QuerySyntaxError, QueryTooLarge):
        return text, []
    parts = [node for node in conjuncts_of(root) if not isinstance(node, Everything)]
    conditions = [node for node in parts if _is_condition(node)]
    if not conditions:
        return text, []
    words = [node for node in parts if not _is_condition(node)]
    return _write(words), [
        Condition(unparse(node), _write([one for one in parts if one is not node])) for node in conditions
    ]


def _write(parts: Sequence[Node]) -> str:
    """The query that joins these parts; :class:`Everything` stands before exclusions alone, as the parser has it."""
    if not parts:
        return ""
    if all(isinstance(node, Not) for node in parts):
        return unparse(And((Everything(), *parts)))
    return unparse(parts[0] if len(parts) == 1 else And(tuple(parts)))


def _is_condition(node: Node) -> bool:
    if isinstance(node, And | Or):
        return all(_is_condition(child) for child in node.children)
    if isinstance(node, Not):
        return _is_condition(node.child)
    if isinstance(node, Term | Phrase | Prefix):
        return node.field in _NAME_FIELDS
    return isinstance(node, Exact | Range | Flag | Author)
