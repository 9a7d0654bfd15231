"""Limits on the size of a query, checked before any engine sees it. Typed queries stay far below them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from search.errors import QueryTooLarge
from search.language.query import MAX_NESTING, MAX_TERMS, And, Constant, Keys, Node, Not, Or, Phrase, Term
from search.text.analysis import Token, count_terms

# A shorter prefix matches half of the dictionary.
MIN_PREFIX_CHARS = 2

_GROUPS = (And, Or)
_TEXTS = (Term, Phrase)
_UNCOUNTED = (*_TEXTS, Keys)  # texts are counted by their tokens; Keys are never typed


def check_size(root: Node) -> None:
    """Raise QueryTooLarge if a tree has too many words or is too deep. Does not recurse."""
    n_words = 0
    stack = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, _TEXTS):  # the most frequent kind first: a pasted text has hundreds
            n_words += count_terms(node.text)
        if depth > MAX_NESTING:
            raise QueryTooLarge(
                _("The query is nested more than %(limit)d levels deep; use fewer parentheses.")
                % {"limit": MAX_NESTING}
            )
        if isinstance(node, _GROUPS):
            stack.extend([(child, depth + 1) for child in node.children])
        elif isinstance(node, Not | Constant):
            stack.append((node.child, depth + 1))
        elif not isinstance(node, _UNCOUNTED):
            n_words += 1
        if n_words > MAX_TERMS:
            raise QueryTooLarge(_("The query has more than %(limit)d words; shorten it.") % {"limit": MAX_TERMS})


def check_prefix(text: str, tokens: Sequence[Token]) -> None:
    """Raise QueryTooLarge if a prefix is so short that it matches half of the dictionary."""
    if tokens and len(tokens[-1].text) < MIN_PREFIX_CHARS and not tokens[-1].is_unspaced:
        raise QueryTooLarge(
            _("“%(text)s*” is too short; at least %(limit)d letters must precede the *.")
            % {"text": text, "limit": MIN_PREFIX_CHARS}
        )
