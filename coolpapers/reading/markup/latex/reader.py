r"""The state in which a title or an abstract is read: events, open braces, position.

:class:`coolpapers.reading.markup.latex.text.AbstractReader` adds what commands and signs mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from coolpapers.reading.markup.latex.events import Event
from coolpapers.reading.markup.latex.symbols import SWITCHES

_SWITCH = re.compile(r"\s*\\(" + "|".join(sorted(SWITCHES, key=len, reverse=True)) + r")(?![A-Za-z])\s*")
_OPTIONS = re.compile(r"(?:\s*\[[^\[\]{}]{0,200}\])*(?=\s*\{)")
ARGUMENT = re.compile(r"\s*\{")
_LONE_COMMAND = re.compile(r"\{\\(?:[A-Za-z]+|.)\s*\}")
_NAME_GROUP = re.compile(r"\{(?=[^{}]{0,80}?[^\W\d_])[^{}$\\,;|<>=^_]{1,80}\}")


@dataclass(slots=True)
class Group:
    """An open brace: the elements its closing brace ends, and what became of its content."""

    closes: list[str] = field(default_factory=list)
    literal: bool = False
    drop_from: int = -1  # index into the events: what came since is dropped
    hidden: int = -1  # arguments after this one that are not shown; -1: no argument follows


class Reader:
    """Reads one text; ``position`` is where the next token is looked for, ``end`` where the present piece ends."""

    def __init__(self, text: str, *, links: bool) -> None:
        self.text = text
        self.links = links
        self.events: list[Event] = []
        self.groups: list[Group] = []
        self.position = 0
        self.end = len(text)

    def say(self, text: str) -> None:
        """Show this text."""
        if text:
            self.events.append(Event("text", text))

    def last_character(self) -> str:
        """The last character that was said; "" behind anything else."""
        last = self.events[-1] if self.events else None
        return last.value[-1:] if last is not None and last.kind == "text" else ""

    def skip(self, pattern: re.Pattern[str]) -> bool:
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return match is not None

    def has_argument(self) -> bool:
        """Whether an argument in braces follows, after options."""
        options = _OPTIONS.match(self.text, self.position)
        return options is not None and self.text.startswith("{", options.end())

    def open_argument(self, tag: str) -> None:
        if self.skip(ARGUMENT):
            group = Group()
            self._open_element(group, tag)
            self._open_switches(group)
            self.groups.append(group)

    def drop_argument(self) -> None:
        self.skip(_OPTIONS)
        if self.skip(ARGUMENT):
            self.groups.append(Group(drop_from=len(self.events)))

    def keep_arguments(self, *, hidden: int) -> None:
        self.skip(_OPTIONS)
        if self.text.startswith("{", self.position):
            self.position += 1
            self._push_argument(hidden)

    def _push_argument(self, hidden: int) -> None:
        group = Group(drop_from=len(self.events) if hidden > 0 else -1, hidden=max(hidden - 1, 0))
        self._open_switches(group)
        self.groups.append(group)

    def _open_element(self, group: Group, tag: str) -> None:
        self.events.append(Event("open", tag))
        group.closes.append(tag)

    def _open_switches(self, group: Group) -> None:
        while switch := _SWITCH.match(self.text, self.position):
            self._open_element(group, SWITCHES[switch[1]])
            self.position = switch.end()

    def open_brace(self, start: int) -> None:
        group = Group()
        self._open_switches(group)
        if not group.closes and self._is_literal(start):
            group.literal = True
            self.say("{")
        self.groups.append(group)

    def _is_literal(self, start: int) -> bool:
        """Braces that a reader needs; around commands only those of an exponent or an index: ``n^{\\frac{1}{2}}``."""
        if self.text.startswith("\\", self.position):
            return self.text[max(start - 1, 0) : start] in ("^", "_") and _LONE_COMMAND.match(self.text, start) is None
        return not self._is_name_group(start)

    def _is_name_group(self, start: int) -> bool:
        """``{BERT}`` and ``Schr{ö}dinger``: braces for a typesetter, not a set or an index."""
        if self.text[start - 1 : start] in ("^", "_") and start > 0:
            return False
        return _NAME_GROUP.match(self.text, start) is not None

    def close_brace(self) -> None:
        if not self.groups:
            self.say("}")
            return
        group = self.groups.pop()
        self.close_elements(group)
        if group.literal:
            self.say("}")
        if group.drop_from >= 0:
            del self.events[group.drop_from :]
            self._trim_before_gap()
        if group.hidden >= 0 and self.text.startswith("{", self.position):
            self.position += 1
            self._push_argument(group.hidden)

    def close_elements(self, group: Group) -> None:
        self.events += [Event("close", tag) for tag in reversed(group.closes)]

    def _trim_before_gap(self) -> None:
        """The space before a citation that was dropped goes where none is needed: "as in \\cite{x}." """
        following = self.text[self.position : self.position + 1]
        if self.events and self.events[-1].kind == "text" and (not following or following in " \n.,;:!?)"):
            self.events[-1] = Event("text", self.events[-1].value.rstrip(" ~\n"))
