"""The blocks of a guide: commands by section, and files by the path that the text before a block names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

GUIDES = Path(__file__).resolve().parents[3] / "docs" / "operating"
_PATH = re.compile(r"`(/[\w./-]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. ``path`` is the last absolute path in the paragraph before it; "" if there is none."""

    section: str
    language: str
    text: str
    path: str


def blocks_of(guide: Path) -> list[Block]:
    """All blocks in the order of the page."""
    return list(_read(guide.read_text(encoding="utf-8").splitlines()))


def files_of(guide: Path) -> dict[str, str]:
    """Contents of the files that the guide writes, by path."""
    return {block.path: block.text for block in blocks_of(guide) if block.language != "sh" and block.path}


def commands_of(guide: Path, section: str) -> str:
    """The shell commands of a section. Raises LookupError if it has none."""
    commands = [block.text for block in blocks_of(guide) if block.language == "sh" and block.section == section]
    if not commands:
        raise LookupError(f"{guide.name} has no commands under {section!r}")
    return "".join(commands)


def _read(lines: list[str]) -> Iterator[Block]:
    section, paragraph = "", ""
    position = 0
    while position < len(lines):
        line = lines[position]
        if line.startswith("```"):
            end = lines.index("```", position + 1)
            text = "".join(f"{inner}\n" for inner in lines[position + 1 : end])
            yield Block(section, line[3:], text, (_PATH.findall(paragraph) or [""])[-1])
            position, paragraph = end, ""
        elif line.startswith("#"):
            section, paragraph = line.lstrip("# "), ""
        elif line.strip() or not paragraph:
            paragraph += f"{line}\n"
        elif position + 1 < len(lines) and not lines[position + 1].startswith("```"):
            paragraph = ""
        position += 1
