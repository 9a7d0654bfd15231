"""The grammar of the query language: tokens in, syntax tree out. Start at :mod:`search.language.parser`.

Rules, loosest binding first::

    either   = both { "OR" both }
    both     = negated { [ "AND" | "ANDNOT" ] negated }
    negated  = { "NOT" | "-" } operand
    operand  = { field ":" } ( word | phrase | "(" [ either ] ")" )

An operand without anything to search for (``&``, ``""``, ``()``) is dropped, but satisfies the operator beside it.
Time is linear in the number of tokens. Recursion is at most ``MAX_NESTING`` parentheses deep.
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

# Tuples instead of sets: kinds are compared several times per word, and hashing an enum member is slow.
LEAVES = (TokenKind.WORD, TokenKind.PHRASE)
_OPERANDS = (*LEAVES, TokenKind.FIELD, TokenKind.OPEN, TokenKind.NOT)
_JOINS = (TokenKind.AND, TokenKind.ANDNOT)


def all_of(nodes: Sequence[Node]) -> Node | None:
    """The conjunction of some nodes; None where there are none."""
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
        alternatives = [self._both(field, depth)]
        while self._at(TokenKind.OR):
            self._take_operator()
            alternatives.append(self._both(field, depth))
        nodes = [node for node in alternatives if node is not None]
        if len(nodes) > 1:
            return Or(tuple(_positive(node) for node in nodes))
        return nodes[0] if nodes else None

    def _both(self, field: Field, depth: int) -> Node | None:
        self._expect_operand()
        conditions = [self._negated(field, depth)]
        while (token := self._next()) is not None:
            if token.kind in _OPERANDS:
                conditions.append(self._negated(field, depth))
            elif token.kind in _JOINS:
                self._take_operator()
                node = self._negated(field, depth)
                conditions.append(_negative(node) if token.kind is TokenKind.ANDNOT and node is not None else node)
            else:
                break
        return all_of([node for node in conditions if node is not None])

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
            raise QueryTooLarge(_("The query has more than %(count)d nested parentheses.") % {"count": MAX_NESTING})
        is_empty = self._next() is None or self._at(TokenKind.CLOSE)
        node = None if is_empty else self._either(field, depth)
        if not self._at(TokenKind.CLOSE):
            raise QuerySyntaxError(
                _("Unclosed parenthesis"),
                position=opening.position,
                cure=_("Add a closing parenthesis, or remove this one."),
            )
        self._take()
        return node

    def _field(self) -> Field:
        """Take a field's name. An operand must follow."""
        token = self._take()
        field = FIELDS[token.text]
        if not self._at(TokenKind.WORD, TokenKind.PHRASE, TokenKind.FIELD, TokenKind.OPEN):
            raise QuerySyntaxError(
                _("Missing value after %(field)s:") % {"field": token.text},
                position=token.position,
                cure=_("Write a word right after the colon: %(field)s:word.") % {"field": token.text},
            )
        return field

    def _take_operator(self) -> None:
        """Take AND, OR, NOT, ANDNOT or a minus. An operand must follow."""
        token = self._take()
        if not self._at_operand():
            raise QuerySyntaxError(
                _("Missing word after %(operator)s") % {"operator": token.text},
                position=token.position,
                cure=_("Add a word after it; in lower case it is a plain word."),
            )

    def _expect_operand(self) -> None:
        token = self._next()
        if token is not None and token.kind is TokenKind.CLOSE:
            raise _unmatched(token)
        if token is not None and not self._at_operand():
            raise QuerySyntaxError(
                _("Missing word before %(operator)s") % {"operator": token.text},
                position=token.position,
                cure=_("Add a word before it; in lower case it is a plain word."),
            )

    def _author_name(self, first: Token, field: Field) -> Node | None:
        """The author that this word and the next ones name, in an author field or outside all fields."""
        is_author = field.name == "author"
        if first.kind is not TokenKind.WORD or not (is_author or field is DEFAULT) or not may_begin_name(first.text):
            return None
        start = self.place - 1
        words = []
        for token in self.tokens[start : start + MAX_NAME_WORDS]:
            if token.kind is not TokenKind.WORD:
                break
            words.append(token.text)
        name = find_name(words)
        if name is None:
            return None
        n_words, author = name
        for token in self.tokens[start : start + n_words]:
            self._count(token)
        self.place = start + n_words
        return author if is_author else name_or_words(author)

    def _count(self, token: Token) -> None:
        self.n_terms += count_terms(token.text)
        if self.n_terms > MAX_TERMS:
            raise QueryTooLarge(
                _("The query has more than %(count)d words; remove the common ones.") % {"count": MAX_TERMS}
            )

    def _note_unknown_field(self, token: Token) -> None:
        """Note the field that was probably meant. ``Topic: …`` (a capital, a space) begins a title and gets no note."""
        name, _colon, value = token.text.replace("：", ":").partition(":")
        following = self._next()
        is_attached = bool(value) or (following is not None and following.position == token.position + len(token.text))
        if not (is_attached or name.islower()):
            return
        similar = nearest_field(name)
        if similar:
            self.notes.append(
                _("“%(name)s:” is not a field, so it was searched as a word. Did you mean %(near)s:?")
                % {"name": name, "near": similar}
            )
        elif is_attached and may_be_field(name) and value[:1] not in (":", "/"):
            fields = ", ".join(f"{field}:" for field in COMMON_FIELDS)
            self.notes.append(
                _("“%(name)s:” is not a field and was searched as a word. Fields are, among others, %(fields)s.")
                % {"name": name, "fields": fields}
            )


def _negative(node: Node) -> Node:
    """NOT node; a double negation cancels."""
    if isinstance(node, Not):
        return node.child
    if isinstance(node, And) and len(node.children) == 2 and isinstance(node.children[0], Everything):
        last = node.children[1]
        return last.child if isinstance(last, Not) else Not(node)
    return Not(node)


def _positive(node: Node) -> Node:
    """The node where a lone Not is not allowed."""
    return And((Everything(), node)) if isinstance(node, Not) else node


def _unmatched(token: Token) -> QuerySyntaxError:
    return QuerySyntaxError(
        _("Unmatched closing parenthesis"),
        position=token.position,
        cure=_("Remove it, or add an opening parenthesis."),
    )
