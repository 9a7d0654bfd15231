"""What a guide tells to do, in the order of the page: commands of shell blocks and of sentences, and other blocks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
# A heading, or code in a sentence that begins with a program and has an argument.
_PROGRAMS = "celery|chmod|coolpapers|curl|docker|git|make|pip|python3?|rm|systemctl"
_OF_TEXT = re.compile(rf"^#+ (?P<heading>.+)$|`(?P<command>(?:{_PROGRAMS})\s[^`]+)`", re.M)


@dataclass(frozen=True, slots=True)
class Step:
    """``language`` is "sh" for a command, else that of the block. ``text`` is one command, or the whole block."""

    guide: str
    section: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.guide}, {self.section!r}: {self.text.splitlines()[0]}"


def steps_of(guide: Path) -> list[Step]:
    return list(_read(guide.name, guide.read_text(encoding="utf-8")))


def _read(name: str, page: str) -> Iterator[Step]:
    section = ""
    parts = iter([*_FENCE.split(page), "", ""])  # text, language, block, text, language, block …
    for text, language, block in zip(parts, parts, parts, strict=True):
        for found in _OF_TEXT.finditer(text):
            if found["heading"]:
                section = found["heading"]
            else:
                yield Step(name, section, "sh", " ".join(found["command"].split()))
        if language == "sh":
            yield from (Step(name, section, language, command) for command in commands_of(block))
        elif block:
            yield Step(name, section, language, block)


def commands_of(script: str) -> Iterator[str]:
    """The commands of a shell block; one may have several lines."""
    command = ""
    for line in script.splitlines():
        command += f"{line}\n"
        if command.strip() and _is_complete(command):
            yield command.strip()
            command = ""
    if command.strip():
        raise ValueError(f"this command has no end: {command}")


def _is_complete(command: str) -> bool:
    try:
        shlex.split(command, comments=True)
    except ValueError:  # a quotation that goes on
        return False
    return not command.endswith("\\\n")
