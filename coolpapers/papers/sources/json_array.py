"""The objects of a JSON array, one by one: memory of one object, and a broken object costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from coolpapers.papers.errors import SourceFormatError

_CHUNK = 1 << 20  # bytes read at once
_MAX_OBJECT = 64 << 20  # bytes; see jsonl.TOO_LONG
_TOKEN = re.compile(rb'["{}]')
_STRING_END = re.compile(rb'["\\]')


def iter_objects(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield line number and bytes of each outermost object of an array, also of one that stands in an object
    (``notes``).

    Raises
    ------
    SourceFormatError
        If the data ends inside an object.
    """
    scanner = _Scanner()
    while chunk := stream.read(_CHUNK):
        yield from scanner.feed(chunk)
    if scanner.is_open:
        raise SourceFormatError(f"the file ends inside the object that begins on line {scanner.line}; it was cut off.")


class _Scanner:
    """Finds where objects begin and end; knows nothing of JSON but strings and braces."""

    def __init__(self) -> None:
        self._buffer = b""
        self._depth = 0
        self._in_string = False
        self._position = 0  # looked at so far, in the buffer
        self._start = 0  # of the open object, in the buffer
        self._outer: int | None = None  # 1 where the array stands in an object, 0 where it does not
        self._newlines = 0  # before the buffer
        self.line = 1

    @property
    def is_open(self) -> bool:
        return self._depth > (self._outer or 0)

    def feed(self, chunk: bytes) -> Iterator[tuple[int, bytes]]:
        self._buffer += chunk
        if self._outer is None:
            if not self._buffer.strip():
                return
            self._outer = int(self._buffer.lstrip().startswith(b"{"))
        while (token := self._next_token()) is not None:
            if token == b"{":
                self._depth += 1
                if self._depth == self._outer + 1:
                    self._start = self._position - 1
                    self.line = self._newlines + self._buffer.count(b"\n", 0, self._start) + 1
            else:
                self._depth = max(self._depth - 1, 0)
                if self._depth == self._outer:
                    yield self.line, self._buffer[self._start : self._position]
        self._trim()

    def _next_token(self) -> bytes | None:
        """The next brace outside of strings; None where the buffer ends."""
        while True:
            if self._in_string and not self._leave_string():
                return None
            found = _TOKEN.search(self._buffer, self._position)
            if found is None:
                self._position = len(self._buffer)
                return None
            self._position = found.end()
            if found.group() != b'"':
                return found.group()
            self._in_string = True

    def _leave_string(self) -> bool:
        """Go behind the closing quote; False where the buffer ends before it."""
        while found := _STRING_END.search(self._buffer, self._position):
            if found.group() == b'"':
                self._position = found.end()
                self._in_string = False
                return True
            if found.end() == len(self._buffer):  # the escaped character comes with the next chunk
                self._position = found.start()
                return False
            self._position = found.end() + 1
        self._position = len(self._buffer)
        return False

    def _trim(self) -> None:
        """Forget what is read, but for the open object."""
        keep = self._start if self.is_open else self._position
        if len(self._buffer) - keep > _MAX_OBJECT:
            raise SourceFormatError(
                f"the object that begins on line {self.line} is longer than {_MAX_OBJECT >> 20} MiB; "
                "a quotation mark or brace before it is probably missing."
            )
        self._newlines += self._buffer.count(b"\n", 0, keep)
        self._buffer = self._buffer[keep:]
        self._position -= keep
        self._start = 0
