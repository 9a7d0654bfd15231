"""The grammar of the query language: tokens in, syntax tree out. :mod:`search.language.parser` is where to start.

Loosest binding first::

    either   = both { "OR" both }
    both     = negated { [ "AND" | "ANDNOT" ] negated }
    negated  = { "NOT" | "-" } operand
    operand  = { field ":" } ( word | phrase | "(" [ either ] ")" )

What holds nothing to search for (``&``, ``""``, ``()``) is dropped; operators still count it as there. Time is
linear in the tokens, and recursion goes no deeper than ``MAX_NESTING`` parentheses.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from search.errors import QuerySyntaxError, QueryTooLarge
from search.language.authors import MAX_NAME_WORDS, find_name, may_begin_name, name_or_words
from search.language.fields import COMMON_FIELDS, DEFAULT, FIELDS, Field, may_be_field, nearest_field
from search.language.leaves import only_date, read_value
from search.language.lexer import Token, TokenKind
from search.language.query import MAX_NESTING, MAX_TERMS, And, Everything, Node, Not, Or
from search.text.analysis import count_terms

# Tuples: a token's kind is compared several times a word, and the hash of an enum's member is slow.
LEAVES = (TokenKind.WORD, TokenKind.PHRASE)
_OPERANDS = (*LEAVES, TokenKind.FIELD, TokenKind.OPEN, TokenKind.NOT)
_JOINS = (TokenKind.AND, TokenKind.ANDNOT)


def all_of(nodes: Sequence[Node]) -> Node | None:
    """All of some nodes; None of none of them."""
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    if all(isinstance(node, Not) for node in nodes):
        return And((Everything(), *nodes))
    return And(tuple(nodes))


class Parser:
    def __init__(self, tokens: list[Token], now: date) -> None:
        self.tokens = tokens
        self.now = now
        self.place = 0
        self.n_terms = 0
        self.notes: list[str] = []

    def parse(self) -> Node | None:
        if not self.tokens:
            return None
        root = self._either(DEFAULT, 0)
        if (token := self._next()) is not None:  # only a closing parenthesis stops the loops above
            raise _unmatched(token)
        return None if root is None else only_date(root) or _positive(root)

    def _next(self) -> Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _at(self, *kinds: TokenKind) -> bool:
        return self.place < len(self.tokens) and self.tokens[self.place].kind in kinds

    def _at_operand(self) -> bool:
        return self.place < len(self.tokens) and self.tokens[self.place].kind in _OPERANDS

    def _take(self) -> Token:
        self.place += 1
        return self.tokens[self.place - 1]

    def _either(self, field: Field, depth: int) -> Node | None:
        found = [self._both(field, depth)]
        while self._at(TokenKind.OR):
            self._take_operator()
            found.append(self._both(field, depth))
        children = [_positive(node) for node in found if node is not None]
        if len(found) > 1 and len(children) > 1:
            return Or(tuple(children))
        return next((node for node in found if node is not None), None)

    def _both(self, field: Field, depth: int) -> Node | None:
        self._expect_operand()
        found = [self._negated(field, depth)]
        while (token := self._next()) is not None:
            if token.kind in _OPERANDS:
                found.append(self._negated(field, depth))
            elif token.kind in _JOINS:
                self._take_operator()
                node = self._negated(field, depth)
                found.append(_negative(node) if token.kind is TokenKind.ANDNOT and node is not None else node)
            else:
                break
        return all_of([node for node in found if node is not None])

    def _negated(self, field: Field, depth: int) -> Node | None:
        is_negative = False
        while self._at(TokenKind.NOT):
            self._take_operator()
            is_negative = not is_negative
        node = self._operand(field, depth)
        return _negative(node) if node is not None and is_negative else node

    def _operand(self, field: Field, depth: int) -> Node | None:
        while self._at(TokenKind.FIELD):
            field = self._field()
        token = self._take()
        if token.kind is TokenKind.OPEN:
            return self._group(token, field, depth + 1)
        name = self._author_name(token, field)
        if name is not None:
            return name
        self._count(token)
        is_phrase = token.kind is TokenKind.PHRASE
        if not is_phrase and field is DEFAULT and (":" in token.text or "：" in token.text):
            self._note_unknown_field(token)
        return read_value(
            field, token.text, is_phrase=is_phrase, position=token.position, now=self.now, notes=self.notes
        )

    def _group(self, opening: Token, field: Field, depth: int) -> Node | None:
        if depth > MAX_NESTING:
            raise QueryTooLarge(
                _("The query has more than %(count)d parentheses inside each other.") % {"count": MAX_NESTING}
            )
        is_empty = self._next() is None or self._at(TokenKind.CLOSE)
        node = None if is_empty else self._either(field, depth)
        if not self._at(TokenKind.CLOSE):
            raise QuerySyntaxError(
                _("The parenthesis is never closed"),
                position=opening.position,
                cure=_("Close it, or leave it out."),
            )
        self._take()
        return node

    def _field(self) -> Field:
        """Take a field's name; what it applies to must follow."""
        token = self._take()
        field = FIELDS[token.text]
        if not self._at(TokenKind.WORD, TokenKind.PHRASE, TokenKind.FIELD, TokenKind.OPEN):
            raise QuerySyntaxError(
                _("Nothing follows %(field)s:") % {"field": token.text},
                position=token.position,
                cure=_("Write what to look for right after the colon: %(field)s:word.") % {"field": token.text},
            )
        if token.text in ("rn", "report"):
            self.notes.append(_("Report numbers are not kept apart; all fields were searched."))
        return field

    def _take_operator(self) -> None:
        """Take AND, OR, NOT, ANDNOT or a minus; something must follow."""
        token = self._take()
        if not self._at_operand():
            raise QuerySyntaxError(
                _("Nothing follows %(operator)s") % {"operator": token.text},
                position=token.position,
                cure=_("Write a word after it; in small letters it is a word itself."),
            )

    def _expect_operand(self) -> None:
        token = self._next()
        if token is not None and token.kind is TokenKind.CLOSE:
            raise _unmatched(token)
        if token is not None and not self._at_operand():
            raise QuerySyntaxError(
                _("Nothing stands before %(operator)s") % {"operator": token.text},
                position=token.position,
                cure=_("Write a word before it; in small letters it is a word itself."),
            )

    def _author_name(self, first: Token, field: Field) -> Node | None:
        """The name that this word and the next ones spell, in an author field or outside of all fields."""
        is_author = field.name == "author"
        if first.kind is not TokenKind.WORD or not (is_author or field is DEFAULT) or not may_begin_name(first.text):
            return None
        start = self.place - 1
        words = []
        for token in self.tokens[start : start + MAX_NAME_WORDS]:
            if token.kind is not TokenKind.WORD:
                break
            words.append(token.text)
        found = find_name(words)
        if found is None:
            return None
        n_words, author = found
        for token in self.tokens[start : start + n_words]:
            self._count(token)
        self.place = start + n_words
        return author if is_author else name_or_words(author)

    def _count(self, token: Token) -> None:
        self.n_terms += count_terms(token.text)
        if self.n_terms > MAX_TERMS:
            raise QueryTooLarge(
                _("The query has more than %(count)d words; leave out the common ones.") % {"count": MAX_TERMS}
            )

    def _note_unknown_field(self, token: Token) -> None:
        """Name the field that was probably meant; ``Topic: …`` with a capital and a blank begins a title."""
        name, _colon, value = token.text.replace("：", ":").partition(":")
        following = self._next()
        is_attached = bool(value) or (following is not None and following.position == token.position + len(token.text))
        if not (is_attached or name.islower()):
            return
        near = nearest_field(name)
        if near:
            self.notes.append(
                _("“%(name)s:” is not a field and was searched as a word; is %(near)s: meant?")
                % {"name": name, "near": near}
            )
        elif is_attached and may_be_field(name) and value[:1] not in (":", "/"):
            fields = ", ".join(f"{field}:" for field in COMMON_FIELDS)
            self.notes.append(
                _("“%(name)s:” is not a field and was searched as a word. Fields are, among others, %(fields)s.")
                % {"name": name, "fields": fields}
            )


def _negative(node: Node) -> Node:
    """NOT node; two of them are none."""
    if isinstance(node, Not):
        return node.child
    if isinstance(node, And) and len(node.children) == 2 and isinstance(node.children[0], Everything):
        last = node.children[1]
        return last.child if isinstance(last, Not) else Not(node)
    return Not(node)


def _positive(node: Node) -> Node:
    """The node where a Not alone may not stand."""
    return And((Everything(), node)) if isinstance(node, Not) else node


def _unmatched(token: Token) -> QuerySyntaxError:
    return QuerySyntaxError(
        _("A closing parenthesis has no partner"),
        position=token.position,
        cure=_("Take it out, or open one before it."),
    )
