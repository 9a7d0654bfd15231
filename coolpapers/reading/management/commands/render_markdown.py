"""``manage.py render_markdown``: render summaries, abstracts or titles to safe HTML, as the pages do."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from coolpapers.reading.markup.markdown import render_abstract, render_markdown, render_title, rendered_formulas

RENDERERS: dict[str, Callable[[str], str]] = {
    "summary": render_markdown,
    "abstract": render_abstract,
    "title": render_title,
    "partial": partial(render_markdown, partial=True),
}


class LineError(ValueError):
    """A line of input that cannot be rendered; the message says why."""


class Command(BaseCommand):
    help = "Render Markdown with LaTeX to safe HTML. Reads FILE… or standard input, writes to standard output."
    requires_system_checks: list[str] = []  # renders text; needs no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="files to render; - or none: standard input")
        parser.add_argument(
            "--jsonl",
            action="store_true",
            help='read lines of {"id", "markdown"}, write lines of {"id", "html", "math": [{"tex", "display"}]}',
        )
        parser.add_argument(
            "--kind",
            choices=RENDERERS,
            default="summary",
            help="kind of text; partial: a summary that is still being written",
        )

    def handle(self, *_: str, files: list[str], jsonl: bool, kind: str, **__: Any) -> None:
        render = RENDERERS[kind]
        failed = 0
        for name in files or ["-"]:
            with _open(name) as stream:
                if jsonl:
                    failed += self._render_lines(stream, name, render)
                else:
                    self.stdout.write(render(_decode(stream.read(), name)), ending="\n")
        if failed:
            raise CommandError(f"{failed} {'line' if failed == 1 else 'lines'} could not be rendered; see above.")

    def _render_lines(self, stream: BinaryIO, name: str, render: Callable[[str], str]) -> int:
        """Render each line; report lines that fail with their number, and return how many failed."""
        failed = 0
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                record = _read_record(line)
            except LineError as exc:
                failed += 1
                self.stderr.write(f"{'standard input' if name == '-' else name}:{number}: {exc}")
                continue
            html = render(record["markdown"])
            formulas = [formula._asdict() for formula in rendered_formulas(html)]
            self.stdout.write(json.dumps({"id": record.get("id"), "html": html, "math": formulas}))
        return failed


def _open(name: str) -> BinaryIO:
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as exc:
        raise CommandError(f"{name} cannot be read: {exc.strerror}.") from exc


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise CommandError(f"{name} is not UTF-8 (byte {exc.start}); convert it first.") from exc


def _read_record(line: bytes) -> dict[str, Any]:
    """Parse one line of input. Raises LineError with the problem."""
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as exc:
        raise LineError(f"not UTF-8 (byte {exc.start} of the line)") from exc
    except json.JSONDecodeError as exc:
        raise LineError(f"not JSON: {exc.msg} at column {exc.colno}") from exc
    except RecursionError as exc:
        raise LineError("not JSON that can be read: nested too deep") from exc
    if not isinstance(record, dict):
        raise LineError(f'not an object with "id" and "markdown" but {type(record).__name__}')
    if not isinstance(record.get("markdown"), str):
        raise LineError('"markdown" is missing' if "markdown" not in record else '"markdown" is not a string')
    return record
