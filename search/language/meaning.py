"""A query's tree split for semantic search: the words that an encoder reads, and the conditions. Pure."""

from __future__ import annotations

from search.language.query import And, Author, Everything, Fuzzy, Node, Not, Or, Term, conjuncts, positive_leaves

_CONTENT_FIELDS = (None, "title", "abstract")


def free_words(root: Node) -> str:
    """The words of a query about the content of a paper, for an encoder; "" where there are none."""
    return " ".join(
        node.text for node in positive_leaves(root) if not isinstance(node, Author) and node.field in _CONTENT_FIELDS
    )


def filters_of(root: Node) -> Node:
    """The conditions of a tree that every hit must meet: all conjuncts but plain words and alternatives of them.

    A phrase, a prefix (``graph*``), a word in a field, a range and an exclusion are explicit conditions. A plain word
    may be missing from a paper on the same subject.
    """
    conditions = tuple(child for child in conjuncts(root) if not _is_plain(child))
    if all(isinstance(child, Not) for child in conditions):
        conditions = (Everything(), *conditions)
    return conditions[0] if len(conditions) == 1 else And(conditions)


def _is_plain(node: Node) -> bool:
    if isinstance(node, And | Or):
        return all(_is_plain(child) for child in node.children)
    return isinstance(node, Term | Fuzzy) and node.field is None
