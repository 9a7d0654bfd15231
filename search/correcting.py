"""Did you mean: the query with words that the index does not have replaced by near ones that it has."""

from __future__ import annotations

from search.analysis import query_tokens
from search.backends.base import SearchBackend
from search.query import And, Node, Or, Phrase, Term
from search.streams import FIELDS
from search.unparse import unparse

# Words looked up for one suggestion; each costs about 10 ms in an index of 100,000 papers.
MAX_LOOKUPS = 8
MIN_WORD_CHARS = 4


def correct_query(root: Node, backend: SearchBackend) -> str | None:
    """The text of the corrected query; None where every word is known or none has a near one."""
    replacements: dict[str, str] = {}
    for word in _words(root):
        if len(replacements) >= MAX_LOOKUPS:
            break
        if word not in replacements and not _is_known(word, backend):
            near = backend.suggest(word, limit=1)
            if near:
                replacements[word] = near[0]
    return unparse(_replaced(root, replacements)) if replacements else None


def _words(root: Node) -> list[str]:
    """The folded words of terms and phrases that could be misspelt."""
    if isinstance(root, And | Or):
        return [word for child in root.children for word in _words(child)]
    if isinstance(root, Term | Phrase):
        tokens = query_tokens(root.text)
        return [t.folded for t in tokens if len(t.folded) >= MIN_WORD_CHARS and t.folded.isalpha() and not t.is_cjk]
    return []


def _is_known(word: str, backend: SearchBackend) -> bool:
    stemmed = query_tokens(word)[0].text
    return any(
        backend.document_frequencies(field.stream, [token])[token]
        for field in FIELDS.values()
        for token in [stemmed if field.is_stemmed else word]
    )


def _replaced(root: Node, replacements: dict[str, str]) -> Node:
    match root:
        case And(children):
            return And(tuple(_replaced(child, replacements) for child in children))
        case Or(children):
            return Or(tuple(_replaced(child, replacements) for child in children))
        case Term(text, field):
            return Term(_replaced_text(text, replacements), field)
        case Phrase(text, field):
            return Phrase(_replaced_text(text, replacements), field)
        case _:
            return root


def _replaced_text(text: str, replacements: dict[str, str]) -> str:
    for token in reversed(query_tokens(text)):
        if token.folded in replacements:
            text = text[: token.start] + replacements[token.folded] + text[token.end :]
    return text
