"""Reads the golden cases of ``tests/golden/*.md``, whose README says how to write one, and the shared cases."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from coolpapers.reading.markup.markdown import render_abstract, render_markdown, render_title
from tests.coolpapers.reading.markup.judge import Case

FOLDER = Path(__file__).resolve().parents[3] / "golden"
RENDERERS: dict[str, Callable[[str], str]] = {
    "markdown": render_markdown,
    "partial": partial(render_markdown, partial=True),
    "abstract": render_abstract,
    "title": render_title,
}
_CASE = re.compile(
    r"^## (?P<title>.+)\n\n`{5}(?P<kind>\w+)(?P<escaped> escaped)?\n(?P<text>(?s:.*?))\n`{5}\n(?P<wanted>(?:- .*\n?)+)",
    re.MULTILINE,
)
_WANTED = re.compile(r"- (?P<what>formula|display|shows|hides): (?P<ticks>`+)(?P<value>.*)(?P=ticks)")
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([rnt\\]))")
_LETTERS = {"r": "\r", "n": "\n", "t": "\t", "\\": "\\"}


def categories() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")


def read_cases(category: str) -> list[Case]:
    """The cases of one file. Raises ValueError for a line that is no expectation."""
    content = (FOLDER / f"{category}.md").read_text(encoding="utf-8")
    cases = [_read_case(category, match) for match in _CASE.finditer(content)]
    if len(cases) != len(re.findall(r"^## ", re.sub(r"`{5}.*?\n`{5}\n", "", content, flags=re.DOTALL), re.MULTILINE)):
        raise ValueError(f"{category}.md holds a case that cannot be read")
    return cases


def all_cases() -> list[Case]:
    return [case for category in categories() for case in read_cases(category)]


def read_shared_cases(path: Path) -> Iterator[tuple[str, Case]]:
    """Category and case of each line of a JSON Lines file; ``math`` is null where any formula will do."""
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        formulas = None if record["math"] is None else [(item["tex"], item["display"]) for item in record["math"]]
        yield (
            record["category"],
            Case(
                name=record["id"],
                kind=record["mode"],
                text=record["markdown"],
                formulas=formulas,
                shows=record["must_contain"],
                hides=record["must_not_contain"],
            ),
        )


def render(case: Case) -> str:
    return RENDERERS[case.kind](case.text)


def _read_case(category: str, match: re.Match[str]) -> Case:
    text = _ESCAPE.sub(_unescape, match["text"]) if match["escaped"] else match["text"]
    case = Case(f"{category}: {match['title']}", match["kind"], text, formulas=None)
    for line in match["wanted"].splitlines():
        if line == "- no formula":
            case.formulas = []
            continue
        wanted = _WANTED.fullmatch(line)
        if wanted is None:
            raise ValueError(f"{case.name}: {line!r} is no expectation")
        if wanted["what"] in ("shows", "hides"):
            getattr(case, wanted["what"]).append(wanted["value"])
        else:
            case.formulas = [*(case.formulas or []), (wanted["value"], wanted["what"] == "display")]
    return case


def _unescape(match: re.Match[str]) -> str:
    return _LETTERS[match[3]] if match[3] else chr(int(match[1] or match[2], 16))
