"""Formats of one tag a line (RIS, EndNote's tagged form, NBIB): records as values by tag.

``rispy`` reads the lines of a record; the stream is cut into records here, so that memory holds one record and a broken
one costs itself. A source names the form of its lines in a :class:`TagParser` and turns values into a reference.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import rispy

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.record import Dropped, Item, Refusal
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.encoding import text_chunks
from coolpapers.papers.sources.references.reference import Reference, record_of

MAX_RECORD = 4_000_000  # characters; a longer one is no reference


class _Same(dict[str, str]):
    """Each tag is called by its own name."""

    def __missing__(self, tag: str) -> str:
        return tag


class _Everything:
    """Every tag can be given several times."""

    def __contains__(self, tag: object) -> bool:
        return True


class TagParser(rispy.RisParser):  # type: ignore[misc]  # rispy has no types
    """Reads the lines of one record into lists by tag; a line without a tag goes on with the value before it."""

    LINE: re.Pattern[str]
    CONTINUES_WITH = " "
    DEFAULT_MAPPING = _Same()
    DEFAULT_LIST_TAGS = _Everything()
    DEFAULT_DELIMITER_MAPPING: Mapping[str, str] = {}

    def parse_line(self, line: str) -> tuple[str | None, str]:
        found = self.LINE.match(line)
        return (found[1], found[2].strip()) if found else (None, line.strip())

    def read(self, lines: Sequence[str]) -> dict[str, list[str]]:
        """Values of one record by tag."""
        record: dict[str, Any] = {}
        last: str | None = None
        more: list[str] = []  # lines that go on with the last value
        for line in lines:
            tag, content = self.parse_line(line)
            if tag is None:
                more.append(content)
                continue
            self._extend(record, last, more)
            self._add_tag(record, tag, content)
            last, more = tag, []
        self._extend(record, last, more)
        return record

    def _extend(self, record: dict[str, Any], tag: str | None, more: Sequence[str]) -> None:
        if tag is not None and more:
            record[tag][-1] = self.CONTINUES_WITH.join(filter(None, (record[tag][-1], *more)))


@dataclass(slots=True)
class Tags:
    """Values of a record by tag, and the line it begins on."""

    values: Mapping[str, Sequence[str]]
    line: int
    dropped: list[Dropped] = field(default_factory=list)

    def all(self, *tags: str) -> list[str]:
        """Values of all the tags, in their order."""
        return [value for tag in tags for value in self.values.get(tag, ()) if value]

    def first(self, *tags: str) -> str:
        """The first value of the first tag that has one."""
        return next((value for tag in tags for value in self.values.get(tag, ()) if value), "")


class TaggedSource(PaperSource, ABC):
    """A source whose records begin with a line that :attr:`BEGINS` matches."""

    PARSER: TagParser
    BEGINS: re.Pattern[str]
    ENDS: re.Pattern[str] | None = None
    NEEDED: frozenset[str]  # tags of titles and people: in another encoding they refuse the record

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        for line, record in self._records(_numbered_lines(text_chunks(stream))):
            if record is None:
                yield Refusal(name, line, "", f"longer than {MAX_RECORD:,} characters; an end mark is probably missing")
                continue
            try:
                tags = self._checked(Tags(self.PARSER.read(record), line))
                reference = self.reference(tags)
                yield record_of(reference)
            except BadField as exc:
                yield refuse(exc, name=name, line=line)

    @abstractmethod
    def reference(self, tags: Tags) -> Reference:
        """The reference that a record describes."""

    def _records(self, lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str] | None]]:
        """First line and lines of each record; None for one that is too long."""
        record: list[str] = []
        begin = size = 0
        after_blank = True
        for number, line in lines:
            begins = self.begins(line, record, after_blank=after_blank)
            ends = self.ENDS is not None and self.ENDS.match(line) is not None
            after_blank = not line.strip()
            if record and (begins or ends):
                yield begin, record if size <= MAX_RECORD else None
                record, size = [], 0
            if begins:
                begin = number
            if (begins or record) and not ends:
                size += len(line)
                if size <= MAX_RECORD:
                    record.append(line)
        if record:
            yield begin, record if size <= MAX_RECORD else None

    def begins(self, line: str, record: Sequence[str], *, after_blank: bool) -> bool:  # noqa: ARG002
        """Whether a record begins on the line; ``record`` holds the lines of the one that is open."""
        return self.BEGINS.match(line) is not None

    def _checked(self, tags: Tags) -> Tags:
        """Without values that are in another encoding."""
        values: dict[str, Sequence[str]] = {}
        for tag, texts in tags.values.items():
            bad = next(
                (char for text in texts if not text.isascii() for char in text if "\udc80" <= char <= "\udcff"), ""
            )
            if not bad:
                values[tag] = texts
                continue
            reason = f"not UTF-8 (found byte 0x{ord(bad) - 0xDC00:02x}); save the file as UTF-8"
            if tag in self.NEEDED:
                raise BadField(tag, reason)
            tags.dropped.append(Dropped(tag, reason))
        return Tags(values, tags.line, tags.dropped)


def _numbered_lines(chunks: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines from 1 on, without their ends; a line is at most as long as a record may be."""
    number, rest = 1, ""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split("\n")
        for line in lines:
            yield number, line.removeprefix("\ufeff") if number == 1 else line
            number += 1
        rest = rest[: 2 * MAX_RECORD]
    if rest:
        yield number, rest


def join_pages(first: str, last: str) -> str:
    """``436`` and ``444`` as ``436-444``; a range in the first stays."""
    return first if not last or "-" in first or first == last else f"{first}-{last}" if first else last
