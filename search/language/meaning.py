"""What of a query's tree an encoder reads, and what a paper found by its meaning has to keep all the same. Pure."""

from __future__ import annotations

from search.language.query import And, Author, Everything, Fuzzy, Node, Not, Or, Term, conjuncts, wanted_text

_ABOUT = (None, "title", "abstract")  # fields that say what a paper is about


def free_words(root: Node) -> str:
    """The words of a query that say what a paper is about: what an encoder reads; "" where there are none."""
    return " ".join(node.text for node in wanted_text(root) if not isinstance(node, Author) and node.field in _ABOUT)


def filters_of(root: Node) -> Node:
    """The part of a tree that every paper must keep: all but plain words and choices of them.

    A phrase, a beginning (``graph*``), a word in a field, a range and an exclusion are the reader's own words about
    what to show; a plain word may be missing from a paper that is about the same thing.
    """
    kept = tuple(child for child in conjuncts(root) if not _is_plain(child))
    if all(isinstance(child, Not) for child in kept):
        kept = (Everything(), *kept)
    return kept[0] if len(kept) == 1 else And(kept)


def _is_plain(node: Node) -> bool:
    if isinstance(node, And | Or):
        return all(_is_plain(child) for child in node.children)
    return isinstance(node, Term | Fuzzy) and node.field is None
