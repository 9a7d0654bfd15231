"""What a tree finds, paper by paper: the rules of the query language once more, without clauses, streams or an index.

Slow and plain on purpose. It shares with the engines what a word is (``search.text.analysis``) and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from rapidfuzz.distance import OSA

from search.engines.documents import Document
from search.language.query import (
    And,
    Author,
    Constant,
    Everything,
    Exact,
    Flag,
    Fuzzy,
    Keys,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
    only_pair,
)
from search.text.analysis import Token, query_tokens, tokenize
from search.text.compounds import closed_pair, closed_readings, closed_stream

STEMMED = ("title", "abstract")
FIELDS = (*STEMMED, "author", "venue", "comment", "journal")
NAMED_FIELDS = {"affiliation": "affiliations", "report": "report_numbers"}


def found_keys(documents: Iterable[Document], root: Node) -> set[str]:
    return {document["key"] for document in documents if is_found(document, root)}


def is_found(document: Document, node: Node) -> bool:
    match node:
        case And(children):
            positive = said([child for child in children if not isinstance(child, Not)])
            negative = [child.child for child in children if isinstance(child, Not)]
            pair = only_pair(children)
            closed_word = closed_pair(*(word.text for word in pair)) if pair else None
            if pair and closed_word and has_words(document, [closed_word], pair[0].field):
                positive = [child for child in positive if child not in pair]
            return all(is_found(document, child) for child in positive) and not any(
                is_found(document, child) for child in negative
            )
        case Or(children):
            return any(is_found(document, child) for child in said(children))
        case Not(child):
            return not is_found(document, child)
        case Constant(child):
            return is_found(document, child)
        case Everything():
            return True
        case Keys(keys):
            return document["key"] in keys
        case Flag("has", value):
            return value in document["flags"]
        case Flag():
            return False
        case Exact("exactauthor", value):
            return any(name_words(name) == name_words(value) for name in document["authors"] if name_words(value))
        case Exact(field, value, is_prefix):
            return has_value(document, field, value, is_prefix=is_prefix)
        case Range(field, start, end):
            return is_between(document, field, start, end)
        case Author(family, given):
            return any(is_named(name, family, given) for name in document["authors"])
        case Phrase(text, field):
            return has_phrase(document, query_tokens(text), field)
        case Prefix(text, field):
            return any(
                has_words(document, whole, field) and has_prefix(document, last, field)
                for *whole, last in readings(text)
            )
        case Fuzzy(text, field, distance):
            return all(has_similar(document, token, field, distance) for token in query_tokens(text))
        case Term(text, field):
            return any(
                bool(tokens) and has_words(document, [t for t in tokens if not t.is_stop_word] or tokens, field)
                for tokens in readings(text)
            )


def name_words(name: str) -> list[str]:
    """The folded words of a name, the family name last."""
    family, comma, given = name.partition(",")
    return [token.folded for token in tokenize(f"{given} {family}" if comma else name)]


def readings(text: str) -> list[Sequence[Token]]:
    """A word as typed, and with its compounds closed."""
    return [query_tokens(text), *closed_readings(text)]


def said(children: Sequence[Node]) -> Sequence[Node]:
    """The children without stop words, if there are others."""
    others = [
        child
        for child in children
        if not isinstance(child, Term)
        or child.field == "author"
        or not all(token.is_stop_word for token in query_tokens(child.text))
    ]
    return others or children


def texts(document: Document, field: str | None) -> Iterable[tuple[str, list[Token]]]:
    """The texts of one field or of all: each author's name is a text of its own."""
    if field in NAMED_FIELDS:
        yield field, tokenize(" ".join(document[NAMED_FIELDS[field]]))  # type: ignore[literal-required]
    for name in FIELDS if field is None else [field] if field in FIELDS else []:
        if name == "author":
            yield from ((name, tokenize(author)) for author in document["authors"])
        else:
            yield name, tokenize(str(document[name]))  # type: ignore[literal-required]


def form(token: Token, field: str) -> str:
    return token.text if field in STEMMED else token.folded


def has_words(document: Document, words: Sequence[Token], field: str | None) -> bool:
    return all(
        has_prefix(document, token, field)
        if token.is_half
        else any(form(token, name) == form(t, name) for name, tokens in texts(document, field) for t in tokens)
        or (token.text in closed(document, field) and not token.is_stop_word)
        for token in words
    )


def has_phrase(document: Document, words: Sequence[Token], field: str | None) -> bool:
    if len(words) < 2:
        return has_words(document, words, field) and bool(words)
    for name, tokens in texts(document, field):
        phrase, forms = [form(token, name) for token in words], [form(token, name) for token in tokens]
        if any(forms[start : start + len(phrase)] == phrase for start in range(len(forms))):
            return True
    return False


def exact_tokens(document: Document, field: str | None) -> Iterable[Token]:
    """The tokens that prefixes and fuzzy words match: titles and abstracts without stop words."""
    for name, tokens in texts(document, field):
        yield from (t for t in tokens if name not in STEMMED or not t.is_stop_word)


def has_prefix(document: Document, prefix: Token, field: str | None) -> bool:
    forms = [token.folded for token in exact_tokens(document, field)]
    return any(word.startswith(prefix.folded) for word in (*forms, *closed(document, field)))


def closed(document: Document, field: str | None) -> set[str]:
    """The closed forms of the compounds in title and abstract, stemmed."""
    names = [name for name in STEMMED if field in (None, name)]
    return {word for name in names for word in closed_stream(str(document[name])).split()}  # type: ignore[literal-required]


def has_similar(document: Document, word: Token, field: str | None, distance: int) -> bool:
    is_similar = any(OSA.distance(word.folded, token.folded) <= distance for token in exact_tokens(document, field))
    return is_similar or has_words(document, [word], field)


def is_named(name: str, family: str, given: str) -> bool:
    words = [token.folded for token in tokenize(name)]
    wanted_family, wanted_given = ([token.folded for token in tokenize(part)] for part in (family, given))
    readings = [(words[index:], words[:index]) for index in range(1, len(words))] + [(words[:1], words[1:])]
    return any(
        wanted_family == last
        and len(wanted_given) <= len(first)
        and all(word.startswith(part) for word, part in zip(first, wanted_given))
        for last, first in readings
    )


def has_value(document: Document, field: str, value: str, *, is_prefix: bool) -> bool:
    values = {"category": document["categories"], "id": document["idents"], "doi": [document["doi"]]}[field]
    lowered = value.lower()
    return any(code == lowered or (is_prefix and code.startswith(lowered)) for code in map(str.lower, values) if code)


def is_between(document: Document, field: str, start: date | None, end: date | None) -> bool:
    first, last = start or date.min, end or date.max
    if first > last:
        return False
    year = document["year"]
    if field == "year":
        return year > 0 and first.year <= year <= last.year
    day = document["date"] if field == "date" else document["updated"]
    if day:
        return first.toordinal() <= day <= last.toordinal()
    return year > 0 and first <= date(year, 1, 1) and date(year, 12, 31) <= last
