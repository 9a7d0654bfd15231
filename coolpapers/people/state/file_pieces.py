"""The text of an imported file, read piece by piece: an export of 500,000 items needs no second copy in memory.

:class:`JsonPieces` decodes one value at a time with the decoder of the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

PIECE_CHARS = 256 * 1024
# Longest JSON value outside a list that is read item by item; a value of an item has at most 64 KB.
MAX_VALUE_CHARS = 16 * 2**20
_BLANKS = " \t\n\r"


class JsonPieces:
    """A reader of JSON values at the beginning of a text. Methods raise ValueError and RecursionError as json does."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._buffer = ""
        self._at = 0
        self._is_end = False
        self._decode = json.JSONDecoder().raw_decode

    def peek(self) -> str:
        """The next character that is not blank; "" at the end."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in _BLANKS:
                    return self._buffer[self._at]
                self._at += 1
            if not self._read_more():
                return ""

    def skip(self, character: str) -> None:
        """Pass over this character."""
        if self.peek() != character:
            raise json.JSONDecodeError(f"Expecting {character!r}", self._buffer, self._at)
        self._at += 1

    def value(self) -> Any:
        """The next value as a whole."""
        self.peek()
        while True:
            try:
                value, end = self._decode(self._buffer, self._at)
            except ValueError:
                if len(self._buffer) - self._at > MAX_VALUE_CHARS or not self._read_more():
                    raise
                continue
            if len(self._buffer) - end < 3 and self._read_more():  # a number may go on: 1 and then e+5
                continue
            self._at = end
            return value

    def entries(self) -> Iterator[str]:
        """The names of an object; the caller reads the value of each before it asks for the next."""
        for _ in self._separated("{", "}"):
            name = self.value()
            if not isinstance(name, str):
                raise json.JSONDecodeError("Expecting a name", self._buffer, self._at)
            self.skip(":")
            yield name

    def items(self) -> Iterator[Any]:
        """The values of a list."""
        return (self.value() for _ in self._separated("[", "]"))

    def rest(self) -> Iterator[str]:
        """The text that was not read yet, in pieces."""
        yield self._buffer[self._at :]
        while piece := self._text.read(PIECE_CHARS):
            yield piece

    def _separated(self, opening: str, closing: str) -> Iterator[None]:
        self.skip(opening)
        if self.peek() != closing:
            yield
            while self.peek() == ",":
                self.skip(",")
                yield
        self.skip(closing)

    def _read_more(self) -> bool:
        """Append a piece to the buffer, doubling what is left of it, so that a long value is decoded a few times."""
        left = self._buffer[self._at :]
        piece = "" if self._is_end else self._text.read(max(PIECE_CHARS, len(left)))
        self._is_end = not piece
        if piece:
            self._buffer, self._at = left + piece, 0
        return bool(piece)
