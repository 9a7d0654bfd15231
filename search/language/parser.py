"""The parser of the query language: text in, syntax tree out. ``docs/query-language.md`` documents the language.

Start at :func:`parse_query` (strict, for tools), :func:`parse_leniently` (for pages, never raises) or
:func:`parse_plain` (words only, never raises). :mod:`search.language.query` documents the tree. Positions in errors
count characters from 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from search.errors import QuerySyntaxError, QueryTooLarge
from search.language.fields import COMPARISON, FIELDS, Kind
from search.language.grammar import LEAVES, Parser, all_of
from search.language.guards import check_size
from search.language.leaves import without_tex_accents
from search.language.lexer import OPERATORS, QUOTES, Token, TokenKind, clean_text, read_tokens
from search.language.query import MAX_CHARACTERS, MAX_TERMS, Everything, Node, Query, Term
from search.text.analysis import count_terms, query_tokens

_PLAIN = str.maketrans(dict.fromkeys(QUOTES + "()（）", " "))


def parse_query(text: str, *, now: date | None = None) -> Query:
    """The tree of a query; :class:`Everything` for an empty one.

    ``now`` is the day that "past week" counts from; None means today.

    Raises
    ------
    QuerySyntaxError
        If the text does not parse. The error has the position and the cure.
    QueryTooLarge
        If the text has more than ``MAX_TERMS`` words, ``MAX_NESTING`` nested parentheses or ``MAX_CHARACTERS``
        characters.
    """
    if len(text) > MAX_CHARACTERS:
        raise QueryTooLarge(_("The query has more than %(count)d characters.") % {"count": MAX_CHARACTERS})
    text = clean_text(text)
    return _parse_tokens(text, read_tokens(text), now or date.today())


def parse_leniently(text: str, *, now: date | None = None) -> Query:
    """The tree of any text. A text that does not parse is cut or read as plain words, with a note."""
    cleaned, today = clean_text(text[:MAX_CHARACTERS]), now or date.today()
    try:
        tokens = read_tokens(cleaned)
        trimmed = trim_tokens(tokens)
        query = _parse_tokens(cleaned, trimmed, today)
    except QuerySyntaxError as exc:
        details = {"message": exc.message, "position": exc.position + 1, "cure": exc.cure}
        note = _("Searched as plain words. %(message)s (character %(position)d). %(cure)s") % details
    except QueryTooLarge as exc:
        note = _("Searched as plain words. %(message)s") % {"message": str(exc)}
    else:
        is_whole = trimmed is tokens and len(text) <= MAX_CHARACTERS
        return query if is_whole else Query(query.text, query.root, (*query.notes, _trim_note()))
    plain = parse_plain(cleaned)
    return Query(plain.text, plain.root, (note, *plain.notes))


def parse_plain(text: str) -> Query:
    """The words of a text only: no operators, fields or phrases; values of other than text fields are left out."""
    text = clean_text(text[:MAX_CHARACTERS])
    words: list[Node] = []
    n_left = MAX_TERMS
    for typed in _plain_pieces(text):
        word = _plain_word(typed)
        n_terms = len(query_tokens(word))
        if n_terms > n_left:
            words += [Term(word) for word in [cut_word(word, n_left)] if word]
            return Query(text, all_of(words) or Everything(), (_trim_note(),))
        if n_terms:
            words.append(Term(word))
            n_left -= n_terms
    root = all_of(words)
    return Query(text, root or Everything(), () if root or not text.strip() else (_nothing_note(),))


def trim_tokens(tokens: list[Token]) -> list[Token]:
    """The first tokens, of ``MAX_TERMS`` words together, with open parentheses closed; ``tokens`` itself if all fit."""
    n_left = MAX_TERMS
    for index, token in enumerate(tokens):
        n_terms = count_terms(token.text) if token.kind in LEAVES else 0
        if n_terms > n_left:
            cut = cut_word(token.text, n_left)
            return _closed([*tokens[:index], *([replace(token, text=cut)] if cut else [])])
        n_left -= n_terms
    return tokens


def cut_word(text: str, n_terms: int) -> str:
    """The beginning of a word or phrase that counts as ``n_terms``: a Chinese text may be one long word."""
    tokens = query_tokens(text)[:n_terms]
    return text[: tokens[-1].end] if tokens else ""


def _closed(tokens: list[Token]) -> list[Token]:
    """A cut list of tokens made to parse: no operator or field at its end, no open parenthesis."""
    tokens = list(tokens)
    while tokens and tokens[-1].kind not in LEAVES and tokens[-1].kind is not TokenKind.CLOSE:
        tokens.pop()
    n_open = 0
    for token in tokens:
        n_open += (token.kind is TokenKind.OPEN) - (token.kind is TokenKind.CLOSE)
    end = tokens[-1].position if tokens else 0
    return tokens + [Token(TokenKind.CLOSE, ")", end)] * n_open


def _plain_pieces(text: str) -> Iterator[str]:
    for piece in text.split():
        yield from without_tex_accents(piece).translate(_PLAIN).split()


def _plain_word(typed: str) -> str:
    """A word without operator, field, minus or wildcard; "" for the value of another than a text field."""
    word = _without_wildcards(typed.strip("-"))
    name, colon, value = word.partition(":")
    while colon and name in FIELDS:
        if FIELDS[name].kind is not Kind.TEXT:
            return ""
        word = value.strip("-")
        name, colon, value = word.partition(":")
    return "" if word in OPERATORS or COMPARISON.match(word) else without_tex_accents(word)


def _without_wildcards(word: str) -> str:
    stem = word.rstrip("*~0123456789.")
    ending = word[len(stem) :]
    return stem + re.split(r"[*~]", ending, maxsplit=1)[0]


def _trim_note() -> str:
    return _("The query is long: only its first %(count)d words were searched.") % {"count": MAX_TERMS}


def _nothing_note() -> str:
    return _("The query contains no word; showing all papers.")


def _parse_tokens(text: str, tokens: list[Token], now: date) -> Query:
    parser = Parser(tokens, now)
    root = parser.parse() or Everything()
    if isinstance(root, Everything) and text.strip():
        parser.notes.append(_nothing_note())
    check_size(root)
    return Query(text, root, tuple(dict.fromkeys(parser.notes)))
