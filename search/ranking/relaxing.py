"""Query relaxation: if no paper has all words, search for papers with some of them. Start at :func:`relax`."""

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

# A long query is cut to its rarest words, which is 5 to 10 times faster and hardly changes the results. A query with
# more words counts as a text, which is never searched for all its words.
MAX_WORDS = 40


def relax(root: Node, engine: SearchBackend) -> Node | None:
    """The tree with ``OR`` between its words; filters and exclusions are kept. None if there is nothing to relax.

    A word of several tokens is split into them. A text of more than :data:`MAX_WORDS` words is cut to the rarest, which
    are searched in titles and abstracts.
    """
    if not isinstance(root, And):
        return _split(root)
    words = [child for child in root.children if is_word(child)]
    conditions = [child for child in root.children if not is_word(child)]
    parts = [part for word in words for part in _parts(word)]
    if len(parts) < 2:
        return None
    rarest = keep_rarest(parts, engine)
    any_word = Or(tuple(rarest if rarest is parts else in_text(rarest)))
    return And((any_word, *conditions)) if conditions else any_word


def is_long(root: Node) -> bool:
    """Whether a query is a text: no paper has all its words, so the search for all words is skipped."""
    return isinstance(root, And) and sum(1 for child in root.children if isinstance(child, Term)) > MAX_WORDS


def is_word(node: Node) -> bool:
    """Whether a node has words: a text leaf, or a group that contains one."""
    match node:
        case Term() | Phrase() | Prefix() | Fuzzy() | Author():
            return True
        case Or(children) | And(children):
            return any(is_word(child) for child in children)
        case _:
            return False


def rare_terms_query(text: str, engine: SearchBackend, *, limit: int = MAX_WORDS) -> Query:
    """The query "like this text": any of its rarest words in the index.

    Rarity is the larger of the document frequencies in titles and abstracts, because not every paper has an abstract.
    A word of a single paper finds nothing else and is left out if others remain.
    """
    tokens = list({token.text: token for token in query_tokens(text) if _has_content(token)}.values())
    in_title, in_abstract = (
        engine.document_frequencies(field.stream, [token.text for token in tokens]) for field in (TITLE, ABSTRACT)
    )
    frequency = {token.text: max(in_title[token.text], in_abstract[token.text]) for token in tokens}
    shared = [token for token in tokens if frequency[token.text] > 1]
    indexed = shared or [token for token in tokens if frequency[token.text]]
    rarest = sorted(indexed, key=lambda token: (frequency[token.text], token.text))[:limit]
    terms = tuple(Term(token.exact) for token in rarest)
    root: Node = Or(terms) if len(terms) > 1 else terms[0] if terms else Everything()
    return Query(text=text, root=root)


def keep_rarest(words: Sequence[Node], engine: SearchBackend, *, limit: int = MAX_WORDS) -> Sequence[Node]:
    """At most ``limit`` of the words: first those without a document frequency (phrases, prefixes), then the rarest.

    Returns ``words`` itself if there are not more than ``limit``.
    """
    if len(words) <= limit:
        return words
    stems = [tuple(token.text for token in query_tokens(word.text)) if isinstance(word, Term) else () for word in words]
    texts = {text for of_word in stems for text in of_word}
    in_title, in_abstract = (engine.document_frequencies(field.stream, texts) for field in (TITLE, ABSTRACT))
    frequency = {text: in_title[text] + in_abstract[text] for text in texts}
    frequencies = [max((frequency[text] for text in of_word), default=0) for of_word in stems]
    useful = [index for index, word in enumerate(words) if frequencies[index] or not isinstance(word, Term)]
    return [words[index] for index in sorted(useful or range(len(words)), key=frequencies.__getitem__)[:limit]]


def in_text(words: Iterable[Node]) -> list[Node]:
    """Words without a field, restricted to title and abstract: a third of the posting lists of all fields."""
    restricted: list[Node] = []
    for word in words:
        if isinstance(word, Term) and word.field is None:
            restricted += [Term(word.text, TITLE.name), Term(word.text, ABSTRACT.name)]
        else:
            restricted.append(word)
    return restricted


def _parts(word: Node) -> Iterable[Node]:
    """The tokens of a word, or its alternatives that have words: ``2017`` then no longer means papers of that year."""
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


def _has_content(token: Token) -> bool:
    """Whether a token is not a stop word, number, single letter or TeX command."""
    return len(token.text) > 1 and not token.is_stop_word and token.folded[0].isalpha() and not token.text.isdigit()
