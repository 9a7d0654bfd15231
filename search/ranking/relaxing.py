"""When no paper has all words: the same question asked of papers that have some of them. Pure but for the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from search.engines.base import SearchBackend
from search.engines.streams import ABSTRACT, TITLE
from search.language.query import (
    And,
    Author,
    Everything,
    Fuzzy,
    Node,
    Or,
    Phrase,
    Prefix,
    Query,
    Term,
)
from search.text.analysis import Token, is_plain_word, query_tokens

# Words that a long query is cut to, the rarest: the others cost time and change nearly nothing (SEARCH.md: 5 to
# 10 times faster). Also the most words that are tried together.
MAX_WORDS = 40


def relax(root: Node, backend: SearchBackend) -> Node | None:
    """The tree with ``OR`` between its words; filters and exclusions stay. None where there is nothing to relax.

    A word of several tokens falls into them; a text of more than :data:`MAX_WORDS` words is cut to the rarest, looked
    for in titles and abstracts.
    """
    if not isinstance(root, And):
        return _split(root)
    words = [child for child in root.children if is_word(child)]
    kept = [child for child in root.children if not is_word(child)]
    parts = [part for word in words for part in _parts(word)]
    if len(parts) < 2:
        return None
    rarest = keep_rarest(parts, backend)
    either = Or(tuple(rarest if rarest is parts else in_text(rarest)))
    return And((either, *kept)) if kept else either


def is_long(root: Node) -> bool:
    """Whether a query is a text rather than words: no paper has all of them, so that is not even asked."""
    return isinstance(root, And) and sum(1 for child in root.children if isinstance(child, Term)) > MAX_WORDS


def is_word(node: Node) -> bool:
    """Whether a node is about words: text itself, or a choice with text among its alternatives."""
    match node:
        case Term() | Phrase() | Prefix() | Fuzzy() | Author():
            return True
        case Or(children) | And(children):
            return any(is_word(child) for child in children)
        case _:
            return False


def rare_terms_query(text: str, backend: SearchBackend, *, limit: int = MAX_WORDS) -> Query:
    """The query "like this text": its rarest words that the index has, any of them.

    Rarest by document frequency in abstracts (in titles where those have more: not every paper has an abstract); a
    word that only one paper has finds nothing else and is left out where others remain.
    """
    tokens = list({token.text: token for token in query_tokens(text) if _is_telling(token)}.values())
    in_title, in_abstract = (
        backend.document_frequencies(field.stream, [token.text for token in tokens]) for field in (TITLE, ABSTRACT)
    )
    found = {token.text: max(in_title[token.text], in_abstract[token.text]) for token in tokens}
    known = [token for token in tokens if found[token.text] > 1] or [token for token in tokens if found[token.text]]
    rarest = sorted(known, key=lambda token: (found[token.text], token.text))[:limit]
    terms = tuple(Term(token.exact) for token in rarest)
    root: Node = Or(terms) if len(terms) > 1 else terms[0] if terms else Everything()
    return Query(text=text, root=root)


def keep_rarest(words: Sequence[Node], backend: SearchBackend, *, limit: int = MAX_WORDS) -> Sequence[Node]:
    """At most ``limit`` of the words: those without tokens to count (phrases, prefixes), then the rarest."""
    if len(words) <= limit:
        return words
    stems = [tuple(token.text for token in query_tokens(word.text)) if isinstance(word, Term) else () for word in words]
    texts = {text for found in stems for text in found}
    in_title, in_abstract = (backend.document_frequencies(field.stream, texts) for field in (TITLE, ABSTRACT))
    frequency = {text: in_title[text] + in_abstract[text] for text in texts}
    rarity = [max((frequency[text] for text in found), default=0) for found in stems]
    telling = [place for place, word in enumerate(words) if rarity[place] or not isinstance(word, Term)]
    return [words[place] for place in sorted(telling or range(len(words)), key=rarity.__getitem__)[:limit]]


def in_text(words: Iterable[Node]) -> list[Node]:
    """Words without a field as words of a title or an abstract: what a pasted text is about, a third the lists."""
    placed: list[Node] = []
    for word in words:
        if isinstance(word, Term) and word.field is None:
            placed += [Term(word.text, TITLE.name), Term(word.text, ABSTRACT.name)]
        else:
            placed.append(word)
    return placed


def _parts(word: Node) -> Iterable[Node]:
    """What a word falls into. Of alternatives only those with words: ``2017`` is no longer all papers of that year."""
    if isinstance(word, Term):
        if is_plain_word(word.text):
            return (word,)
        return [Term(token.exact, word.field) for token in query_tokens(word.text)] or [word]
    if isinstance(word, Or):
        return [part for child in word.children if is_word(child) for part in _parts(child)]
    return [word]


def _split(root: Node) -> Node | None:
    parts = tuple(_parts(root)) if isinstance(root, Term) else ()
    return Or(parts) if len(parts) > 1 else None


def _is_telling(token: Token) -> bool:
    """Whether a token says what a text is about: no stop word, number, single letter or TeX command."""
    return len(token.text) > 1 and not token.is_stop_word and token.folded[0].isalpha() and not token.text.isdigit()
