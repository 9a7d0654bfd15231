"""Limits in front of every engine: what a person types stays far below them, a script's mistake does not."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from search.errors import QueryTooLarge
from search.language.query import MAX_NESTING, MAX_TERMS, And, Constant, Keys, Node, Not, Or, Phrase, Term
from search.text.analysis import Token, count_terms

# A shorter beginning fits half of the dictionary.
MIN_PREFIX_CHARS = 2

_GROUPS = (And, Or)
_TEXTS = (Term, Phrase)
_UNCOUNTED = (*_TEXTS, Keys)  # counted by their tokens; ours, put beside what was typed


def check_size(root: Node) -> None:
    """Raise QueryTooLarge where a tree has too many words or is too deep; without recursion."""
    n_words = 0
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, _TEXTS):  # first: a pasted text has hundreds
            n_words += count_terms(node.text)
        if depth > MAX_NESTING:
            raise QueryTooLarge(
                _("The query is nested more than %(limit)d deep; write it with fewer parentheses.")
                % {"limit": MAX_NESTING}
            )
        if isinstance(node, _GROUPS):
            waiting.extend([(child, depth + 1) for child in node.children])
        elif isinstance(node, Not | Constant):
            waiting.append((node.child, depth + 1))
        elif not isinstance(node, _UNCOUNTED):
            n_words += 1
        if n_words > MAX_TERMS:
            raise QueryTooLarge(_("The query has more than %(limit)d words; shorten it.") % {"limit": MAX_TERMS})


def check_prefix(text: str, tokens: Sequence[Token]) -> None:
    """Raise QueryTooLarge for a beginning so short that it fits half of the dictionary."""
    if tokens and len(tokens[-1].text) < MIN_PREFIX_CHARS and not tokens[-1].is_unspaced:
        raise QueryTooLarge(
            _("“%(text)s*” is too short; write at least %(limit)d letters before the *.")
            % {"text": text, "limit": MIN_PREFIX_CHARS}
        )
