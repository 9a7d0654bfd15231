r"""BibTeX text cut into entries, string definitions and damage, in linear time and with the memory of one entry.

An entry ends where its braces balance. Braces behind a backslash are not counted, as JabRef and Better BibTeX do; where
that gives no entry they are, as BibTeX does. An entry that never closes costs itself: reading goes on at the first line
after its beginning that begins an entry. A line of that form inside an entry that does close is part of its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MAX_ENTRY = 8_000_000  # characters; more is an entry that never closes
_MAX_QUOTED = 16_000  # characters after a line that begins an entry inside another one, which should close by then
_MAX_INNER = 8  # lines that begin an entry inside another one
_MARGIN = 300  # characters kept before the end of the window, in which a mark may be cut
_TRIM = 1_000_000

_START = re.compile(r"@\s{0,20}([A-Za-z][\w:.+*-]{0,60})\s{0,20}([{(])")
_LINE_START = r"\n[ \t]{0,40}@[A-Za-z]\w{0,60}[ \t]{0,20}[{(]"
_ENDS = {
    True: re.compile(rf"\\.|[{{}}]|{_LINE_START}", re.DOTALL),
    False: re.compile(rf"[{{}}]|{_LINE_START}"),
}
_PAREN_ENDS = {
    True: re.compile(rf'\\.|[{{}}()"]|{_LINE_START}', re.DOTALL),
    False: re.compile(rf'[{{}}()"]|{_LINE_START}'),
}
_BRACES = {True: re.compile(r"\\.|[{}]", re.DOTALL), False: re.compile(r"[{}]")}
_QUOTES = {True: re.compile(r'\\.|[{}"]', re.DOTALL), False: re.compile(r'[{}"]')}
_SPACE = re.compile(r"(?:[\s,]+|%[^\n]*\n)*")
_KEY = re.compile(r"\s*([^,={}\"]*?)\s*(?:,|$)")
_NO_KEY = re.compile(r"\s*[A-Za-z][\w-]*\s*=\s*[{\"\w]")
_NAME = re.compile(r"([^\s=,{}\"'#%()]{1,100})\s*=\s*")
_BARE = re.compile(r"[^\s,#{}\"]+")
_BLANK = re.compile(r"\s*")
_NEXT_FIELD = re.compile(r",\s*[A-Za-z][\w-]*\s*=\s*[{\"\w]")

# Parts of a value that # joins: text, or (False) the name of a string or a number.
Value = list[tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry as it stands: type in lower case, cite key, fields in order with lower-case names, damaged fields."""

    type: str
    key: str
    fields: list[tuple[str, Value]]
    line: int
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StringDefinition:
    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Damage:
    """Text that begins like an entry and is none."""

    line: int
    reason: str


class _Malformed(ValueError):
    pass


def scan(chunks: Iterable[str]) -> Iterator[RawEntry | StringDefinition | Damage]:
    """Entries and strings in the order of the text; comments and preambles are passed over."""
    window = _Window(iter(chunks))
    while (start := window.next_start()) is not None:
        name = start[1].lower()
        found = _read_block(window, name, start)
        if found is not None:
            yield found


class _Window:
    """The part of the text that is being looked at."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._line = 1
        self._counted = 0  # newlines are counted up to here
        self.text = ""
        self.position = 0

    def fill(self) -> bool:
        """Add the next chunk; False at the end of the text."""
        chunk = next(self._chunks, "")
        self.text += chunk
        return bool(chunk)

    def next_start(self) -> re.Match[str] | None:
        """The next ``@type{``; the position is set to it. Lines that begin with % are comments."""
        self._trim()
        while True:
            found = _START.search(self.text, self.position)
            if found is None or found.end() > len(self.text) - 1:
                self.position = max(self.position, len(self.text) - _MARGIN) if found is None else found.start()
                if self.fill():
                    self._trim()
                    continue
                if found is None:
                    return None
            self.position = found.start()
            if not self._is_comment(found.start()):
                return found
            self.position = found.end()

    def line_at(self, position: int) -> int:
        self._line += self.text.count("\n", self._counted, position)
        self._counted = max(self._counted, position)
        return self._line

    def _is_comment(self, position: int) -> bool:
        before = self.text[max(0, position - 500) : position]
        return before[before.rfind("\n") + 1 :].lstrip().startswith("%")

    def _trim(self) -> None:
        """Forget what is read."""
        if self.position > _TRIM:
            keep = self.position - _MARGIN
            self.line_at(keep)
            self.text = self.text[keep:]
            self.position -= keep
            self._counted -= keep


def _read_block(window: _Window, name: str, start: re.Match[str]) -> RawEntry | StringDefinition | Damage | None:
    begin, line = start.end(), window.line_at(start.start())
    reason = "it never closes: a brace or quotation mark is missing"
    for escapes in (True, False):
        extent = _extent(window, begin, start[2], escapes=escapes)
        window.position = extent.inner or extent.stop  # where to go on if this is no block
        if not extent.is_closed:
            continue
        body = window.text[begin : extent.stop]
        try:
            block = None if name in ("comment", "preamble") else _block(name, body, line, escapes=escapes)
        except _Malformed as exc:
            reason = str(exc)
            if extent.inner is None and not escapes:  # it closes, and there is no other reading of it
                return _lenient(name, body, line, reason)
        else:
            window.position = extent.stop + 1
            return block
    return None if name in ("comment", "preamble") else Damage(line, reason)


def _block(name: str, body: str, line: int, *, escapes: bool) -> RawEntry | StringDefinition | None:
    if name == "string":
        return _string(body, escapes=escapes)
    return _entry(name, body, line, escapes=escapes, lenient=False)


def _lenient(name: str, body: str, line: int, reason: str) -> RawEntry | Damage:
    """The entry without the fields that cannot be read."""
    if name != "string":
        try:
            return _entry(name, body, line, escapes=True, lenient=True)
        except _Malformed:
            pass
    return Damage(line, reason)


@dataclass(frozen=True, slots=True)
class _Extent:
    """Where a block ends or reading it was given up, and the first line in it that begins an entry."""

    stop: int
    is_closed: bool
    inner: int | None


def _extent(window: _Window, begin: int, opening: str, *, escapes: bool) -> _Extent:
    """Look for the end of the block that opens before ``begin``."""
    marks = (_ENDS if opening == "{" else _PAREN_ENDS)[escapes]
    depth = 1 if opening == "{" else 0
    in_quotes = False
    inner: int | None = None
    n_inner = 0
    position = begin
    while True:
        for mark in marks.finditer(window.text, position):
            sign = mark.group()
            position = mark.end()
            if sign == "{":
                depth += 1
            elif sign == "}":
                depth -= 1
                if depth == 0 and opening == "{":
                    return _Extent(mark.start(), True, inner)
            elif sign[0] == "\n":
                inner = mark.start() + 1 if inner is None else inner
                n_inner += 1
                depth += sign[-1] == "{"
            elif sign == '"' and depth == 0:
                in_quotes = not in_quotes
            elif sign == ")" and depth == 0 and not in_quotes:
                return _Extent(mark.start(), True, inner)
            if n_inner > _MAX_INNER or (inner is not None and position - inner > _MAX_QUOTED):
                return _Extent(position, False, inner)
            if position - begin > MAX_ENTRY:
                return _Extent(position, False, inner)
        position = max(position, len(window.text) - _MARGIN)
        if len(window.text) - begin > MAX_ENTRY or not window.fill():
            return _Extent(len(window.text), False, inner)


def _string(body: str, *, escapes: bool) -> StringDefinition | None:
    match = _NAME.match(body, _blank(body, 0))
    if match is None:
        return None
    value, _ = _value(body, match.end(), escapes=escapes)
    return StringDefinition(match[1].lower(), value)


def _entry(type_: str, body: str, line: int, *, escapes: bool, lenient: bool) -> RawEntry:
    key, position = _key(body)
    entry = RawEntry(type_, key, [], line)
    while (position := _skip(body, position)) < len(body):
        match = _NAME.match(body, position)
        if match is None:
            if not lenient:
                raise _Malformed(f"a field is wanted where {body[position : position + 20]!r} stands")
            following = _NEXT_FIELD.search(body, position)
            if entry.fields:  # what stands there belongs to the field before it
                entry.damaged.append(entry.fields.pop()[0])
            if following is None:
                break
            position = following.start()
            continue
        value, position = _value(body, match.end(), escapes=escapes)
        entry.fields.append((match[1].lower(), value))
    if not entry.fields and not key:
        raise _Malformed("it has no fields")
    return entry


def _key(body: str) -> tuple[str, int]:
    """The cite key and where the fields begin. EndNote and others write entries without a key."""
    if not _NO_KEY.match(body) and (match := _KEY.match(body)):
        return " ".join(match[1].split()), match.end()
    return "", 0


def _value(body: str, position: int, *, escapes: bool) -> tuple[Value, int]:
    """Parts of a value and the position behind it."""
    pieces: Value = []
    while True:
        position = _blank(body, position)
        char = body[position : position + 1]
        if char == "{":
            end = _close_brace(body, position + 1, escapes=escapes)
            pieces.append((True, body[position + 1 : end]))
            position = end + 1
        elif char == '"':
            end = _close_quote(body, position + 1, escapes=escapes)
            pieces.append((True, body[position + 1 : end]))
            position = end + 1
        elif match := _BARE.match(body, position):
            pieces.append((False, match.group()))
            position = match.end()
        position = _blank(body, position)
        if body[position : position + 1] != "#":
            return pieces, position
        position += 1


def _close_brace(body: str, position: int, *, escapes: bool) -> int:
    depth = 1
    for mark in _BRACES[escapes].finditer(body, position):
        sign = mark.group()
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return mark.start()
    raise _Malformed("a brace is not closed")


def _close_quote(body: str, position: int, *, escapes: bool) -> int:
    depth = 0
    for mark in _QUOTES[escapes].finditer(body, position):
        sign = mark.group()
        if sign == '"' and depth <= 0:
            return mark.start()
        depth += (sign == "{") - (sign == "}")
    raise _Malformed("a quotation mark is not closed")


def _skip(body: str, position: int) -> int:
    """Past white space, commas and comments between fields."""
    match = _SPACE.match(body, position)
    return match.end() if match else position


def _blank(body: str, position: int) -> int:
    match = _BLANK.match(body, position)
    return match.end() if match else position
