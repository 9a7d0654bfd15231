"""The tokens of a query text: words, phrases, field names, operators, parentheses. Start at :func:`read_tokens`.

Decisions that depend on characters:

- A minus is NOT only at the start of a token with something after it: ``non-invasive`` and ``a - b`` contain none.
- A parenthesis that opens inside a word and closes in the same run of characters belongs to the word: ``X(3872)``.
- Typographic, full-width and CJK quotes are quotes, full-width parentheses are parentheses. A full-width colon is text.
- ``\\"`` before a letter is a TeX accent, not a quote: ``Schr\\"odinger``.

One pass without recursion. Positions count characters of the text as typed.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from search.errors import QuerySyntaxError
from search.language.fields import COMPARISON, DATE_NAMES, FIELD_NAME, FIELDS, Kind, may_be_spaced


class TokenKind(enum.Enum):
    WORD = "word"
    PHRASE = "phrase"
    FIELD = "field"
    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    ANDNOT = "ANDNOT"


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is the word, the inside of a phrase or the name of a field; ``position`` is where the token begins."""

    kind: TokenKind
    text: str
    position: int


OPERATORS = {kind.value: kind for kind in (TokenKind.AND, TokenKind.OR, TokenKind.NOT, TokenKind.ANDNOT)}
QUOTES = '"“”„‟«»＂「」『』〝〞'
OPENS = "(（"
CLOSES = ")）"

_UNSTORABLE = re.compile(
    "[\ud800-\udfff]"  # lone surrogates, which UTF-8 cannot encode
    "|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"  # control characters; databases refuse NUL
    "|[\u200b\u2060\ufeff]"  # zero-width spaces from copied text
)
_ACCENT_QUOTE = re.compile(r'\\"(?=[A-Za-z{\\])')
# A word of letters between white space, as most are: it needs no further checks.
_LETTERS = re.compile(r"\s*([^\W\d_]+)(?=\s|\Z)")
_PLAIN_RUN = re.compile(rf"[^\s()（）\\{QUOTES}]+")
_PHRASE_RUN = re.compile(rf"[^\\{QUOTES}]+")
_DATE_START = re.compile(r"\s*[\d<>=≥≤\[{.*" + QUOTES + "]")
_DATE_OPERATOR = re.compile(r"(?:[<>]=?|[=≥≤])\s*")
_BRACKETED = re.compile(r"[\[{][^\]}]*[\]}]")
_ENCODED_OPERATOR = re.compile(r"\+(?:AND|OR|ANDNOT|TO)\+")
_AFTER_PHRASE = re.compile(r"[~^]\d*(?:\.\d+)?")


def clean_text(text: str) -> str:
    """The query without characters that a page, database or index cannot hold. The length stays, so positions hold."""
    text = _UNSTORABLE.sub(lambda match: "\ufffd" if "\ud800" <= match[0] <= "\udfff" else " ", text)
    # A query copied from an arXiv API address, where "+" stands for a space.
    return text.replace("+", " ") if _ENCODED_OPERATOR.search(text) else text


def read_tokens(text: str) -> list[Token]:
    """The tokens of a cleaned query text.

    Raises
    ------
    QuerySyntaxError
        If a quote or a date range in brackets has no end.
    """
    return Scanner(text).scan()


class Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.tokens: list[Token] = []
        self.field_end = -1  # end of the last field's colon: a word there is a value, never an operator
        self.inner_close = _inner_parentheses(text)

    def scan(self) -> list[Token]:
        while self.place < len(self.text):
            char = self.text[self.place]
            if self._plain_word():
                continue
            if char.isspace():
                self.place += 1
            elif char in OPENS:
                self._add(TokenKind.OPEN, char, self.place + 1)
            elif char in CLOSES:
                self._add(TokenKind.CLOSE, char, self.place + 1)
            elif char in QUOTES:
                self._phrase()
            elif char == "-":
                self._dashes()
            elif not self._field():
                self._word()
        return self.tokens

    def _add(self, kind: TokenKind, text: str, end: int) -> None:
        self.tokens.append(Token(kind, text, self.place))
        self.place = end

    def _plain_word(self) -> bool:
        """The fast path for a word of letters. Not for date fields, which may go on after a space (``year > 2020``)."""
        match = _LETTERS.match(self.text, self.place)
        if match is None or match[1] in DATE_NAMES:
            return False
        self.place = match.start(1)
        kind = OPERATORS.get(match[1], TokenKind.WORD) if self.place != self.field_end else TokenKind.WORD
        self._add(kind, match[1], match.end())
        return True

    def _dashes(self) -> None:
        """One minus after white space and before something is NOT. Other dashes mean nothing here."""
        end = self.place
        while self.text[end : end + 1] == "-":
            end += 1
        before = self.text[self.place - 1 : self.place]
        after = self.text[end : end + 1]
        at_start = not before or before.isspace() or before in OPENS
        if at_start and end == self.place + 1 and after and not after.isspace() and after not in CLOSES:
            self._add(TokenKind.NOT, "-", end)
        self.place = end

    def _phrase(self) -> None:
        start = end = self.place + 1
        while end < len(self.text) and self.text[end] not in QUOTES:
            run = _PHRASE_RUN.match(self.text, end) or _ACCENT_QUOTE.match(self.text, end)
            end = run.end() if run else end + 1
        if end >= len(self.text):
            raise QuerySyntaxError(
                _("Unmatched quotation mark"),
                position=self.place,
                cure=_("Add the closing quotation mark, or remove this one."),
            )
        self._add(TokenKind.PHRASE, self.text[start:end], end + 1)
        if suffix := _AFTER_PHRASE.match(self.text, self.place):  # "a b"~3: slop and boosts of other engines
            self.place = suffix.end()

    def _field(self) -> bool:
        """Read ``name:`` or ``year>`` if it is a field here. For dates also read a value with signs of its own."""
        if match := COMPARISON.match(self.text, self.place):
            self._add(TokenKind.FIELD, match[1], match.end())
            self._date_value()
            return True
        match = FIELD_NAME.match(self.text, self.place)
        if not match or match[1] not in FIELDS:
            return False
        name, end = match[1], match.end()
        is_date = FIELDS[name].kind is Kind.DATE
        is_attached = end < len(self.text) and not self.text[end].isspace() and self.text[end] not in CLOSES
        if not is_attached and (not may_be_spaced(name) or (is_date and not _DATE_START.match(self.text, end))):
            return False
        self._add(TokenKind.FIELD, name, end)
        self.field_end = end
        if is_date:
            self._date_value()
        return True

    def _date_value(self) -> None:
        """Read ``[a TO b]`` and ``>=2020``, whose signs mean nothing in other values."""
        position = self.place
        while position < len(self.text) and self.text[position].isspace():
            position += 1
        if self.text[position : position + 1] in ("[", "{"):
            self.place = position
            match = _BRACKETED.match(self.text, position)
            if not match:
                raise QuerySyntaxError(
                    _("Missing closing bracket of a range"),
                    position=position,
                    cure=_("Write submittedDate:[20230101 TO 20240101], or date:2023..2024."),
                )
            self._add(TokenKind.WORD, match[0], match.end())
        elif operator := _DATE_OPERATOR.match(self.text, position):
            self.place = position
            value = _PLAIN_RUN.match(self.text, operator.end())
            end = value.end() if value else operator.end()
            self._add(TokenKind.WORD, self.text[position:end], end)

    def _word(self) -> None:
        end = self.place
        while end < len(self.text):
            run = _PLAIN_RUN.match(self.text, end) or _ACCENT_QUOTE.match(self.text, end)
            if run:
                end = run.end()
            elif self.text[end] == "\\":
                end += 1
            elif self._opens_inside(end):
                end = self.inner_close[end] + 1
            else:
                break
        word = self.text[self.place : end]
        kind = OPERATORS.get(word, TokenKind.WORD) if self.place != self.field_end else TokenKind.WORD
        is_bare_name = word.endswith(":") and word[:-1] in FIELDS  # "One for All: …" has no field
        self._add(kind, word[:-1] if is_bare_name else word, end)

    def _opens_inside(self, place: int) -> bool:
        if place not in self.inner_close or place == self.place:
            return False
        is_operator = place - self.place <= len("ANDNOT") and self.text[self.place : place] in OPERATORS
        return self.text[place - 1] != ":" and not is_operator


def _inner_parentheses(text: str) -> dict[int, int]:
    """Opening → closing index of every pair of ASCII parentheses without white space or a quote between them."""
    pairs: dict[int, int] = {}
    unclosed: list[int] = []
    for match in re.finditer(rf"[\s()（）{QUOTES}]", text):
        sign = match[0]
        if sign == "(":
            unclosed.append(match.start())
        elif sign == ")" and unclosed:
            pairs[unclosed.pop()] = match.start()
        elif sign != ")":
            unclosed.clear()
    return pairs
