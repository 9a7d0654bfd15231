"""Writes a tree as the text that parses to it, for saved searches and for links that change a query.

``parse_query(unparse(tree)).root == tree`` for every tree of the parser. A small tree that the parser built from one
word (:mod:`search.language.leaves`, :mod:`search.language.authors`) is written as that word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from search.language.authors import MAX_NAME_WORDS, find_name, name_or_words, read_author, write_underscored
from search.language.dates import Span, is_bare_date, write_span
from search.language.fields import FIELD_NAME, FIELDS
from search.language.leaves import EDGE, date_or_word, read_exact, read_venue
from search.language.lexer import OPERATORS, QUOTES
from search.language.query import (
    And,
    Author,
    Everything,
    Exact,
    Flag,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
)

_SHORT = {
    "title": "ti",
    "author": "au",
    "abstract": "abs",
    "comment": "co",
    "journal": "jr",
    "affiliation": "aff",
    "report": "rn",
    "category": "cat",
    "exactauthor": "ea",
}
_PLAIN_NAME = re.compile(r"[^\W_][\w'’.&/-]*")
_NEEDS_QUOTES = re.compile(rf"[\s()（）{QUOTES}]")


def unparse(root: Node) -> str:
    """The query text of a tree; "" for :class:`~search.language.query.Everything`.

    Raises
    ------
    TypeError
        For :class:`~search.language.query.Keys`, which has no written form.
    """
    return "" if isinstance(root, Everything) else _either(root)


def _either(node: Node) -> str:
    """A node where OR is allowed: at the top and inside parentheses."""
    word = _one_word(node)
    if word is None and isinstance(node, Or):
        return " OR ".join(_both(child) for child in node.children)
    return word or _both(node)


def _both(node: Node) -> str:
    """A node where words may stand side by side: an alternative of an OR."""
    word = _one_word(node)
    if word is None and isinstance(node, And):
        children = [child for child in node.children if not isinstance(child, Everything)]
        return " ".join(_operand(child, children[n + 1 :]) for n, child in enumerate(children))
    return word or _operand(node)


def _operand(node: Node, following: Sequence[Node] = ()) -> str:
    """A node beside others; a tree is put in parentheses."""
    word = _one_word(node)
    if word is not None:
        return word
    if isinstance(node, Not):
        return f"-{_operand(node.child, following)}"
    if isinstance(node, And | Or):
        return f"({_either(node)})"
    return _term(node, following) if isinstance(node, Term) else _leaf(node)


def _one_word(node: Node) -> str | None:
    """The single word that the parser turns into this small tree; None where there is none."""
    if isinstance(node, And):
        return _venue_and_year(node)
    if not isinstance(node, Or):
        return None
    first = node.children[0]
    if isinstance(first, Term) and is_bare_date(first.text.strip(EDGE)):
        return first.text if date_or_word(first.text) == node else None
    if isinstance(first, Author) and name_or_words(first) == node:
        name = write_underscored(first)
        return name if find_name([name]) == (1, first) else None
    if isinstance(first, Phrase) and first.field == "author" and read_author(first.text) == node:
        return f"au:{_quoted(first.text)}"
    return _exact_list(node)


def _venue_and_year(node: And) -> str | None:
    if len(node.children) != 2:
        return None
    name, year = node.children
    if not (isinstance(name, Term | Phrase) and isinstance(year, Term)):
        return None
    text = f"{name.text} {year.text}"
    return f"venue:{_quoted(text)}" if read_venue(text) == node else None


def _exact_list(node: Or) -> str | None:
    """``cat:cs``, ``cat:cs.AI,cs.CL``: alternatives in one exact field."""
    groups = [child.children if isinstance(child, Or) else (child,) for child in node.children]
    heads = [group[0] for group in groups if isinstance(group[0], Exact)]
    if len(heads) < len(groups):
        return None
    for texts in ([_starred(head) for head in heads], [_starred(heads[0])]):
        name, text = heads[0].field, ",".join(texts)
        if read_exact(name, text) == node:
            return f"{_prefix(name)}{_value(text)}"
    return None


def _leaf(node: Node) -> str:
    if isinstance(node, Phrase):
        return f'{_prefix(node.field)}"{node.text}"'
    if isinstance(node, Prefix):
        return f"{_prefix(node.field)}{_word(node)}*"
    if isinstance(node, Fuzzy):
        return f"{_prefix(node.field)}{_word(node)}~{'2' if node.distance == 2 else ''}"
    if isinstance(node, Author):
        return f'au:"{node.family}, {node.given}"'
    if isinstance(node, Exact):
        return f"{_prefix(node.field)}{_value(_starred(node))}"
    if isinstance(node, Flag):
        return f"{node.kind}:{_value(node.value)}"
    if isinstance(node, Range):
        text = write_span(Span(node.start, node.end, by_year=node.field == "year", relative=node.relative))
        return f"{node.field}:{_value(text)}"
    raise TypeError(f"{type(node).__name__} has no written form.")


def _term(node: Term, following: Sequence[Node]) -> str:
    """A word, protected where it would be read as an operator, a date or the beginning of a name."""
    words = [node.text]
    for other in following[: MAX_NAME_WORDS - 1]:
        if not isinstance(other, Term) or other.field is not None:
            break
        words.append(other.text)
    is_name = find_name(words) is not None
    if node.field in ("author", "venue"):
        is_plain = _PLAIN_NAME.fullmatch(node.text) and not is_name
        return _prefix(node.field) + (node.text if is_plain else _quoted(node.text))
    if node.field is None and (is_name or node.text in OPERATORS or is_bare_date(node.text.strip(EDGE))):
        return f"all:{node.text}"
    return f"{_prefix(node.field)}{node.text}"


def _prefix(field: str | None) -> str:
    return "" if field is None else f"{_SHORT.get(field, field)}:"


def _word(node: Prefix | Fuzzy) -> str:
    return node.text.replace(" ", "_") if node.field == "author" else node.text


def _starred(node: Exact) -> str:
    return f"{node.value}*" if node.is_prefix else node.value


def _value(text: str) -> str:
    name = FIELD_NAME.match(text)
    is_field = name is not None and name[1] in FIELDS
    return _quoted(text) if is_field or text.startswith("-") or _NEEDS_QUOTES.search(text) else text


def _quoted(text: str) -> str:
    return f'"{text}"'
